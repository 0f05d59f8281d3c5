import { version } from "../package.json";

/** A product and its version (RFC 9110, section 10.1.5). */
const defaultUserAgent = `x-platform-client/${version}`;

const VISIBLE = /^[\x20-\x7e]{1,256}$/;

/**
 * The value of `User-Agent`; `null` in browsers: they send their own, and setting another one makes some of them send a
 * preflight request.
 *
 * @throws TypeError for text that a header cannot carry
 */
export function userAgentFor(text = defaultUserAgent): string | null {
  if (typeof text !== "string" || !VISIBLE.test(text))
    throw new TypeError("userAgent must be 1 to 256 printable ASCII characters.");
  return isBrowser() ? null : text;
}

function isBrowser(): boolean {
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  const name: unknown =
    typeof navigator === "object" && navigator !== null ? Reflect.get(navigator, "userAgent") : "";
  return typeof name === "string" && name.startsWith("Mozilla/");
}
