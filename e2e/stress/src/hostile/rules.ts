/** Validity rules, implemented independently of the packages to check them. */

/** `null`: not a token. */
export function tokenIn(text: unknown): string | null {
  const token = lineIn(text);
  return token === null || isSomethingElse(token) ? null : token;
}

/** The content of a file: a line that is a valid header value. */
export function lineIn(text: unknown): string | null {
  if (typeof text !== "string") return null;
  const line = text.trim();
  return line.length <= 16_384 && allWithin(line, 0x20, 0x7e) ? line : null;
}

/** `Authorization: …`, `Bearer …`, `Name: value`. */
function isHeader(small: string): boolean {
  const name = small.slice(0, [...small].findIndex((letter) => !consistsOf(letter, NAME)) >>> 0);
  const next = small.charAt(name.length);
  if (name === "bearer" || name === "basic") return next === " " || next === ":";
  const known = ["authorization", "proxy-authorization"].find((each) => small.startsWith(each));
  if (known !== undefined && !isWithin(small.charAt(known.length), WORD)) return true;
  return name !== "" && next === ":" && small.charAt(name.length + 1) === " ";
}

/** Formats that obviously contain a token but are not one. */
function isSomethingElse(text: string): boolean {
  const small = text.toLowerCase();
  if (isHeader(small) || text.startsWith("curl ") || text.startsWith("-H ")) return true;
  if (small.startsWith("http://") || small.startsWith("https://")) return true;
  const [first = "", last = ""] = [text[0], text.at(-1)];
  const isBetween = (openings: string, closings: string) =>
    text.length > 1 && openings.includes(first) && closings.includes(last);
  if (isBetween("{[", "}]") || isBetween("<", ">")) return true;
  const quoted = [",", ";"].includes(last) ? text.slice(0, -1) : text;
  if (quoted.length > 1 && "\"'`".includes(first) && quoted.endsWith(first)) return true;
  if (["${", "$(", "{{"].some((opening) => text.startsWith(opening))) return true;
  if (first === "$" && text.length > 1 && consistsOf(text.slice(1), `${CAPITALS}_`)) return true;
  return isAssignment(text) || text.endsWith("\\n") || text.endsWith("\\r");
}

const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const WORD = `${CAPITALS}${CAPITALS.toLowerCase()}0123456789_`;
const NAME = `${CAPITALS.toLowerCase()}0123456789_-`;

/** `NAME=value`, or `somethingToken=value`. A token that ends in base64 padding is not an assignment. */
function isAssignment(text: string): boolean {
  const prefix = ["export ", "set ", "setx ", "$env:"].find((each) => text.startsWith(each)) ?? "";
  const line = text.slice(prefix.length);
  const at = line.indexOf("=");
  const name = line.slice(0, Math.max(0, at)).replace(/ $/, "");
  const value = line.slice(at + 1);
  if (name === "" || value === "" || value.startsWith("=")) return false;
  const isLoud = CAPITALS.includes(name.charAt(0)) && consistsOf(name, `${CAPITALS}0123456789_`);
  return isLoud || (/[tT]oken$/.test(name) && consistsOf(name, WORD));
}

const consistsOf = (text: string, letters: string): boolean =>
  [...text].every((letter) => letters.includes(letter));
const isWithin = (letter: string, letters: string): boolean => letter !== "" && letters.includes(letter);

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

/** The origin to which this platform URL restricts a token. */
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

/** Long enough not to occur by chance. */
const SECRET_PART_LENGTH = 16;

/** Whether the output contains a part of one of the texts: its beginning, middle or end. */
export function repeats(said: string, texts: readonly unknown[]): boolean {
  return texts.some((text) => {
    // A single repeated letter is not significant.
    if (typeof text !== "string" || text.length < SECRET_PART_LENGTH || new Set(text).size < 4) return false;
    return [0, Math.floor((text.length - SECRET_PART_LENGTH) / 2), text.length - SECRET_PART_LENGTH].some(
      (at) => said.includes(text.slice(at, at + SECRET_PART_LENGTH)),
    );
  });
}
