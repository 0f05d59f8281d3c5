/** What a bare value cannot hold: white space, an equals sign, quotes, a backslash, control characters. */
const QUOTED = /[\s="\\\p{Cc}\u2028\u2029]/u;
/** What JSON leaves as it is, and some readers take for the end of a line. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One line of `key=value` pairs, without a line break. Values that need it are in quotes and escaped as in JSON, and the
 * text of a message (`msg`) always: what takes tokens out of it afterwards may put blanks in their place.
 *
 * @example
 * logfmt({ level: "info", msg: "registered" }); // level=info msg="registered"
 */
export function logfmt(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${formatted(value, key === "msg")}`)
    .join(" ");
}

function formatted(value: unknown, isText: boolean): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  if (!isText && text !== "" && !QUOTED.test(text)) return text;
  return JSON.stringify(text).replace(
    UNESCAPED,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
