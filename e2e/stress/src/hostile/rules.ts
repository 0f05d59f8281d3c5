/** What is valid, said once more and in another way than the packages say it, to check them by. */

/** `null`: the text is no token. */
export function tokenIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const token = text.trim();
  return token.length <= 16_384 && allWithin(token, 0x20, 0x7e) ? token : null;
}

export function idIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const id = text.trim();
  const isWord = [...id].every((sign) => "abcdefghijklmnopqrstuvwxyz0123456789-".includes(sign));
  return id.length > 0 && id.length <= 128 && isWord && !id.startsWith("-") ? id : null;
}

export function orgIdIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const id = text.trim();
  return id.length <= 128 && allWithin(id, 0x21, 0x7e) ? id : null;
}

/** Where a token may be sent for this platform URL: an origin. */
export function originIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const written = text.trim();
  const [, scheme = "", rest = ""] = /^([^:]*):\/\/(.*)$/s.exec(written) ?? [];
  if (!["http", "https"].includes(scheme.toLowerCase())) return null;
  if ([...written].some((sign) => sign <= " " || sign === "\x7f" || sign === "?" || sign === "#"))
    return null;
  const [authority = ""] = rest.split(/[/\\]/);
  if (authority === "" || authority.includes("@")) return null;
  try {
    const url = new URL(written);
    return url.username || url.password ? null : url.origin;
  } catch {
    return null;
  }
}

export function isBlank(text: unknown): boolean {
  return typeof text !== "string" || text.trim() === "";
}

function allWithin(text: string, from: number, to: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < from || code > to) return false;
  }
  return text.length > 0;
}

/** As much of a text as nobody writes by chance. */
const TELLING = 16;

/** Whether a part of one of the texts is in what was said: its beginning, its middle or its end. */
export function repeats(said: string, texts: readonly unknown[]): boolean {
  return texts.some((text) => {
    // One letter over and over says nothing.
    if (typeof text !== "string" || text.length < TELLING || new Set(text).size < 4) return false;
    return [0, Math.floor((text.length - TELLING) / 2), text.length - TELLING].some((at) =>
      said.includes(text.slice(at, at + TELLING)),
    );
  });
}
