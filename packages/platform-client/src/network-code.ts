const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** How deep to follow an error's causes. */
const MAX_DEPTH = 5;

/** Among the errors of several addresses, these say least: another address family may have answered. */
const SAYS_LITTLE: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
]);

/**
 * The stable code of a network error, from the error itself, its aggregated errors (one per address of a host name), or
 * its causes. Never derived from a message.
 *
 * @returns a code such as `ECONNREFUSED`; `TIMEOUT`; `NETWORK_ERROR` if there is none
 * @example
 * networkErrorCode(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })); // "ECONNREFUSED"
 */
export function networkErrorCode(error: unknown): string {
  try {
    const codes = codesOf(error, MAX_DEPTH);
    return codes.find((code) => !SAYS_LITTLE.has(code)) ?? codes[0] ?? "NETWORK_ERROR";
  } catch {
    // An error's property may be a getter that throws.
    return "NETWORK_ERROR";
  }
}

const CLOSED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** The other side closed the connection, before or after it received the request. */
export const isClosed = (error: unknown): boolean => CLOSED.has(networkErrorCode(error));

function codesOf(error: unknown, depth: number): string[] {
  if (depth === 0 || typeof error !== "object" || error === null) return [];
  const { name, code, cause, errors }: { name?: unknown; code?: unknown; cause?: unknown; errors?: unknown } =
    error;
  if (name === "TimeoutError") return ["TIMEOUT"];
  // undici's error for a response that is not HTTP has no code.
  if (name === "HTTPParserError" && typeof code !== "string") return ["HPE_INVALID_RESPONSE"];
  const gathered = Array.isArray(errors)
    ? errors.slice(0, 16).flatMap((each) => codesOf(each, depth - 1))
    : [];
  // Bun's name for this error.
  const own = code === "ConnectionRefused" ? "ECONNREFUSED" : code;
  const isCode = typeof own === "string" && SYSTEM_CODE.test(own);
  return [...gathered, ...(isCode ? [own] : []), ...codesOf(cause, depth - 1)];
}
