import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

/**
 * Absolute; without credentials (which end in `@`), query and fragment; and without white space and control characters,
 * some of which `URL` drops silently, so that what is sent would not be what was read. It also forgives a missing slash.
 */
const PLAIN_URL = /^(?=[!-~\u0080-\uffff]*$)https?:\/\/[^/\\@?#]+([/\\][^?#]*)?$/i;

/**
 * Checks a platform's base URL and gives its origin, as it goes into `Origin` (RFC 6454, section 6.2: scheme,
 * host and port, without a path or a trailing slash).
 *
 * @param url absolute, http or https; white space around it is trimmed
 * @param name what the value is called where it came from, for the error
 * @throws AuthError `PLATFORM_URL_INVALID`; the URL itself is not in the message, it may hold a password
 * @example
 * platformOrigin("https://platform.example/base/"); // "https://platform.example"
 */
export function platformOrigin(url: string, name = "The platform URL"): string {
  const trimmed = cleanText(url);
  try {
    if (trimmed && PLAIN_URL.test(trimmed)) return new URL(trimmed).origin;
  } catch {
    // What looks like a URL need not be one.
  }
  throw new AuthError(
    "PLATFORM_URL_INVALID",
    `${name} must be an absolute http(s) URL without credentials, query or fragment.`,
  );
}
