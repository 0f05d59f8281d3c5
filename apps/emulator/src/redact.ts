import { digest } from "./tokens.ts";

/** Where text could be a token: 43 characters of base64url that stand alone. */
const TOKEN_SHAPED = /(?<![\w-])[\w-]{43}(?![\w-])/g;
/** Fields whose value is a secret whatever it looks like. */
const SECRET_NAME = /token|secret|password|authorization|cookie|api[-_]?key/i;
const HIDDEN = "[redacted]";

/** Gives a copy of plain data that shows no token. */
export type Redactor = <T>(value: T) => T;

/**
 * Makes a redactor that hides what `isToken` recognises (by the hex SHA-256, for the tokens themselves are
 * nowhere to compare with) and every text under a name that says it is a secret.
 */
export function createRedactor(isToken: (hash: string) => boolean): Redactor {
  const inText = (text: string): string =>
    text.length < 43
      ? text
      : text.replace(TOKEN_SHAPED, (run) => (isToken(digest(run).toString("hex")) ? HIDDEN : run));

  const inValue = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return value !== "" && SECRET_NAME.test(name) ? HIDDEN : inText(value);
    if (Array.isArray(value)) return value.map((item) => inValue(item, name));
    if (typeof value !== "object" || value === null) return value;
    // fromEntries defines own properties, so a field called __proto__ stays a field.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [inText(key), inValue(item, key)]));
  };

  return <T>(value: T): T => inValue(value, "") as T;
}
