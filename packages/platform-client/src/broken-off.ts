import type { IssuingRoute } from "./issued.ts";
import { isObject, own, textOf, withoutMark } from "./json.ts";
import type { TransportResponse } from "./transport.ts";

/** A complete token: nothing in it needs an escape. */
const TOKEN = /"auth_token"\s*:\s*"[^"\\\p{Cc}]+"/gu;

/** Each attempt parses the text again. */
const MAX_ATTEMPTS = 10;

/**
 * Completes a response that broke off after its token; `null` if there is none. The token's position and the fields
 * before it, such as the workspace's id, count as in a complete response.
 */
export function answerCutAfterToken(error: unknown, route: IssuingRoute): TransportResponse | null {
  const received = isObject(error) ? own(error, "received") : undefined;
  if (!isResponse(received)) return null;
  const { status, headers } = received;
  if (status < 200 || status >= 300 || received.text === null) return null;
  const text = withoutMark(received.text);
  if (holdsToken(text, route)) return received;
  let attempts = 0;
  for (const { 0: found, index } of text.matchAll(TOKEN)) {
    const ended = text.slice(0, index + found.length) + (route === "rotate" ? "}}" : "}");
    if (holdsToken(ended, route)) return { status, headers, text: ended };
    attempts += 1;
    if (attempts === MAX_ATTEMPTS) break;
  }
  return null;
}

function holdsToken(text: string, route: IssuingRoute): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return textOf(route === "rotate" ? own(body, "connection") : body, "auth_token") !== "";
  } catch {
    return false;
  }
}

const isResponse = (value: unknown): value is TransportResponse =>
  isObject(value) && isObject(own(value, "headers"));
