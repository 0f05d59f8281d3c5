import type { IssuingRoute } from "./issued.ts";
import { isObject, own, textOf, withoutMark } from "./json.ts";
import type { TransportResponse } from "./transport.ts";

/** A complete token: nothing in it needs an escape. */
const TOKEN = /"auth_token"\s*:\s*"[^"\\\p{Cc}]+"/gu;

/** Each attempt parses the text again. */
const MAX_ATTEMPTS = 10;

/** Completes a response that broke off after its token; `null` if there is none. */
export function answerCutAfterToken(error: unknown, route: IssuingRoute): TransportResponse | null {
  try {
    const received = memberOf(error, "received");
    return isResponse(received) ? endedAfterToken(received, route) : null;
  } catch {
    // A property may be a getter that throws.
    return null;
  }
}

/**
 * The response without what follows its token; `null` if there is no token. The token's position and the fields before
 * it, such as the workspace's id, count as in a complete response.
 */
export function endedAfterToken(received: TransportResponse, route: IssuingRoute): TransportResponse | null {
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
  isObject(value) && isObject(memberOf(value, "headers"));

/** Unlike JSON, an error or a response may be of a class with getters; but `Object.prototype` may be polluted. */
const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && (Object.hasOwn(value, name) || !(name in {})) ? value[name] : undefined;
