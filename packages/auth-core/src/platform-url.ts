import { AuthError } from "./errors.ts";
import { textOf } from "./token.ts";

/**
 * Absolute, without credentials (which end in `@`), query or fragment, and without white space and control characters:
 * `URL` silently drops some of those, and would send to another address than the one read. `URL` also adds a missing
 * slash.
 */
const PLAIN_URL = /^(?=[!-~\u0080-\uffff]*$)https?:\/\/[^/\\@?#]+([/\\][^?#]*)?$/i;

/** A platform's base URL and origin. */
export interface Platform {
  readonly origin: string;
  /** Base URL, without a trailing slash. */
  readonly url: string;
}

/** @throws AuthError `PLATFORM_URL_INVALID`; see `platformOrigin` */
export function parsePlatformUrl(url: string, name = "The platform URL"): Platform {
  // A `URL` counts as its text.
  const trimmed = textOf(url);
  try {
    if (PLAIN_URL.test(trimmed)) {
      const { origin, href } = new URL(trimmed);
      const base = href.replace(/\/+$/, "");
      // Most base URLs have no path: share one string for both.
      return { origin, url: base === origin ? origin : base };
    }
  } catch {
    // A text that matches the pattern may still not be a URL.
  }
  throw new AuthError(
    "PLATFORM_URL_INVALID",
    `${name} must be an http:// or https:// URL without credentials, query or fragment.`,
  );
}

/**
 * Checks a platform's base URL and returns its origin, as sent in `Origin` (RFC 6454, section 6.2: scheme,
 * host and port, without a path or a trailing slash).
 *
 * @param url absolute, http or https; surrounding white space is trimmed
 * @param name what the error calls the value
 * @throws AuthError `PLATFORM_URL_INVALID`; the message omits the URL, which may contain a password
 * @example
 * platformOrigin("https://platform.example/base/"); // "https://platform.example"
 */
export function platformOrigin(url: string, name?: string): string {
  return parsePlatformUrl(url, name).origin;
}
