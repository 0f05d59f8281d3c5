import { version } from "../package.json";

/** A product and its version (RFC 9110, section 10.1.5). */
const defaultUserAgent = `x-platform-client/${version}`;

const VISIBLE = /^[\x20-\x7e]{1,256}$/;

/**
 * What goes into `User-Agent`; `null` in browsers: they send their own, and asking for another one makes some of them ask
 * the platform first whether that header is allowed.
 *
 * @throws TypeError for text that no header can carry
 */
export function userAgentFor(text = defaultUserAgent): string | null {
  if (!VISIBLE.test(text)) throw new TypeError("userAgent must be 1 to 256 printable ASCII characters.");
  return isBrowser() ? null : text;
}

function isBrowser(): boolean {
  const navigator: unknown = Reflect.get(globalThis, "navigator");
  const name: unknown =
    typeof navigator === "object" && navigator !== null ? Reflect.get(navigator, "userAgent") : "";
  return typeof name === "string" && name.startsWith("Mozilla/");
}
