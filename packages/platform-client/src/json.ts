/** A parsed JSON object. Read it with the functions below, which see own properties only. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own property; ignores those inherited from a polluted prototype. */
export function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function textOf(value: unknown, name: string): string {
  const member = own(value, name);
  return typeof member === "string" ? member : "";
}

export function numberOf(value: unknown, name: string): number | null {
  const member = own(value, name);
  return typeof member === "number" && Number.isFinite(member) ? member : null;
}

/** JSON text without a byte order mark, which is ignored (RFC 8259, section 8.1). */
export const withoutMark = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text);

/** The maximum length of an id. */
const MAX_ID_LENGTH = 256;

/** An id; empty if there is none, or it is too long. */
export function idOf(value: unknown, name: string): string {
  const id = textOf(value, name);
  return id.length <= MAX_ID_LENGTH ? id : "";
}

/** A property's text, truncated to at most `maxBytes` in UTF-8, without a partial character at the end. */
export function boundedTextOf(value: unknown, name: string, maxBytes: number): string {
  const text = textOf(value, name);
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) break;
    length += character.length;
  }
  return length === text.length ? text : copyOf(text.slice(0, length));
}

/** Copies a part of a text: the part itself would keep the whole text in memory. */
export const copyOf = (part: string): string => String(JSON.parse(JSON.stringify(part)));
