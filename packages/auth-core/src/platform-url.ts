import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

/**
 * Absolute; without credentials (which end in `@`), query and fragment; and without white space and control characters,
 * some of which `URL` drops silently, so that what is sent would not be what was read. It also forgives a missing slash.
 */
const PLAIN_URL = /^(?=[!-~\u0080-\uffff]*$)https?:\/\/[^/\\@?#]+([/\\][^?#]*)?$/i;

/** A platform's address. */
export interface Platform {
  readonly origin: string;
  /** Base URL, without a slash at the end. */
  readonly url: string;
}

/** @throws AuthError `PLATFORM_URL_INVALID`; see `platformOrigin` */
export function parsePlatformUrl(url: string, name = "The platform URL"): Platform {
  const trimmed = cleanText(url);
  try {
    if (trimmed && PLAIN_URL.test(trimmed)) {
      const { origin, href } = new URL(trimmed);
      const base = href.replace(/\/+$/, "");
      // Most have no path: then one text does for both.
      return { origin, url: base === origin ? origin : base };
    }
  } catch {
    // What looks like a URL need not be one.
  }
  throw new AuthError(
    "PLATFORM_URL_INVALID",
    `${name} must be an absolute http(s) URL without credentials, query or fragment.`,
  );
}

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
export function platformOrigin(url: string, name?: string): string {
  return parsePlatformUrl(url, name).origin;
}
