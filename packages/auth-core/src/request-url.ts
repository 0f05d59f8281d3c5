/** True if a request's URL is on this origin. A `blob:` URL is not, although it has its page's origin. */
export const isWithin = (url: URL, origin: string | null): boolean => url.href.startsWith(`${origin}/`);

/**
 * Resolves a path against the platform's base URL. Any text that can name another host (an absolute URL, `//host`,
 * `\\host`, both also with tabs and line breaks, which `URL` drops) is treated as absolute and never joined.
 *
 * @throws TypeError for an invalid URL, and for the text of an object that is not a URL, such as another package's
 * `Request`
 */
export function resolveUrl(text: string, base: string): URL {
  // `URL` drops these before parsing.
  const plain = text.trim().replace(/[\t\n\r]/g, "");
  if (plain.startsWith("[object ")) throw new TypeError(`Not a URL: ${plain}`);
  if (/^[a-z][a-z\d+.-]*:/i.test(plain)) return new URL(plain);
  if (/^[\\/]{2}/.test(plain)) return new URL(plain, base);
  return new URL(`${base}/${plain.replace(/^[\\/]/, "")}`);
}
