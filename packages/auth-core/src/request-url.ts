/** True for a request that goes to this origin. The origin of a `blob:` URL is that of the page that made it. */
export const isWithin = (url: URL, origin: string): boolean => url.href.startsWith(`${origin}/`);

/**
 * The address that a text means: a path is below the platform's base URL. Whatever can name another host (an absolute
 * URL, `//host`, `\\host`, and both with tabs and line breaks, which `URL` drops) is absolute, and never joined.
 *
 * @throws TypeError for what is not a URL
 */
export function resolveUrl(text: string, base: string): URL {
  // As `URL` does before it looks at anything else.
  const plain = text.trim().replace(/[\t\n\r]/g, "");
  if (/^[a-z][a-z\d+.-]*:/i.test(plain)) return new URL(plain);
  if (/^[\\/]{2}/.test(plain)) return new URL(plain, base);
  return new URL(`${base}/${plain.replace(/^[\\/]/, "")}`);
}
