import { AuthError } from "./errors.ts";

/** White space and control characters: `URL` drops some of them silently, so what is sent is not what was read. */
const UNPRINTABLE = /[^!-~\u0080-\uffff]/;

/**
 * Checks a platform's base URL and gives its origin, as it goes into `Origin` (RFC 6454, section 6.2: scheme,
 * host and port, without a path or a trailing slash).
 *
 * @param url absolute, http or https; white space around it is trimmed
 * @param name what the value is called where it came from, for the error
 * @throws AuthError `INVALID_PLATFORM_URL`; the URL itself is not in the message, it may hold a password
 * @example
 * platformOrigin("https://platform.example/base/"); // "https://platform.example"
 */
export function platformOrigin(url: string, name = "The platform URL"): string {
  const problem = (what: string) =>
    new AuthError("INVALID_PLATFORM_URL", `${name} ${what}; use one like https://platform.example.`);
  const trimmed = typeof url === "string" ? url.trim() : "";
  if (UNPRINTABLE.test(trimmed)) throw problem("has white space or a control character in it");
  const parsed = parse(trimmed);
  if (parsed === null) throw problem("is not an absolute http(s) URL");
  if (parsed.username !== "" || parsed.password !== "") throw problem("has credentials in it");
  if (parsed.search !== "" || parsed.hash !== "") throw problem("has a query or a fragment in it");
  return parsed.origin;
}

function parse(url: string): URL | null {
  // Without "//" the URL parser would take "https:host" and "https:/host" for a host, too; and "\\" for "/".
  if (!/^https?:\/\/[^/\\]/i.test(url)) return null;
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
