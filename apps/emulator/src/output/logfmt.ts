/** Characters that need quotes: white space, equals signs, quotes, backslashes, control characters. */
const QUOTED = /[\s="\\\p{Cc}\u2028\u2029]/u;
/** Not escaped by JSON, but a line break to some readers. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One line of `key=value` pairs, without a line break. Values are quoted if necessary and escaped as in JSON; a message
 * (`msg`) always is, because a later redaction may insert blanks.
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
