import type { AuthHeaders } from "@x/auth-core";
import type { DispatchRequest } from "./dispatch.ts";

/** Whether the body can be sent twice: not a stream or an iterator. */
export function canBeSentTwice(body: unknown): boolean {
  if (body === null || body === undefined || typeof body === "string") return true;
  // A form of the package form-data is a Node stream.
  if ("pipe" in Object(body)) return false;
  // undici has its own FormData.
  return (
    ArrayBuffer.isView(body) || /^\[object (Blob|File|FormData)\]$/.test(Object.prototype.toString.call(body))
  );
}

type HeaderValue = string | readonly string[];

/** The request with these headers, which replace its own of the same name. */
export function signedWith(request: DispatchRequest, signature: AuthHeaders): DispatchRequest {
  const { headers } = request;
  const replaced = new Set(Object.keys(signature).map((name) => name.toLowerCase()));
  const merged = new Map<string, HeaderValue>();
  for (const [name, value] of entriesOf(headers)) {
    if (value === undefined || replaced.has(name.toLowerCase())) continue;
    const before = merged.get(name);
    merged.set(name, before === undefined ? value : [before, value].flat());
  }
  return { ...request, headers: { ...Object.fromEntries(merged), ...signature } };
}

/** Accepts a flat list of names and values, pairs, `Headers`, or an object. */
function entriesOf(headers: unknown): Iterable<readonly [string, HeaderValue | undefined]> {
  if (typeof headers !== "object" || headers === null) return [];
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    return Array.from({ length: headers.length / 2 }, (_, index) => [
      String(headers[2 * index]),
      headers[2 * index + 1],
    ]);
  }
  return Symbol.iterator in headers ? (headers as Iterable<[string, HeaderValue]>) : Object.entries(headers);
}
