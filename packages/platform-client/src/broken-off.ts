import type { IssuingRoute } from "./issued.ts";
import { isObject, own, textOf } from "./json.ts";
import type { TransportResponse } from "./transport.ts";

/** A token that came whole: nothing in it needs an escape. */
const TOKEN = /"auth_token"\s*:\s*"([^"\\\p{Cc}]+)"/u;

/** The answer that issued a token and then broke off, as if it had ended there; `null`: there was none. */
export function answerCutAfterToken(error: unknown, route: IssuingRoute): TransportResponse | null {
  const received = isObject(error) ? own(error, "received") : undefined;
  if (!isResponse(received)) return null;
  const { status, headers, text } = received;
  if (status < 200 || status >= 300 || text === null) return null;
  const token = TOKEN.exec(text)?.[1];
  if (token === undefined) return null;
  if (holdsToken(text, route)) return received;
  const body = { auth_token: token };
  return { status, headers, text: JSON.stringify(route === "rotate" ? { connection: body } : body) };
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
