/** A JSON object, as it came: read it with the functions below, which see own members only. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of the object itself; nothing that a polluted prototype lends it. */
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

/** The longest id that is taken for one. */
export const MAX_ID_LENGTH = 256;

/** An id; empty when there is none, or one that is too long to be remembered. */
export function idOf(value: unknown, name: string): string {
  const id = textOf(value, name);
  return id.length <= MAX_ID_LENGTH ? id : "";
}

/** The text of a member, cut to at most `maxBytes` in UTF-8, without half a character at its end. */
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
  // A slice keeps the whole of the text it was cut from in memory; a copy does not.
  return length === text.length ? text : String(JSON.parse(JSON.stringify(text.slice(0, length))));
}
