import { createRedactor as createTextRedactor } from "@x/platform-client";
import { keepNewest, MAX_REDACTED_TOKENS } from "./limits.ts";
import { digest } from "./tokens.ts";

/** Where text could be a token: 43 characters of base64url that stand alone. */
const TOKEN_SHAPED = /(?<![\w-])[\w-]{43}(?![\w-])/g;
/** Fields whose value is a secret whatever it looks like. */
const SECRET_NAME = /token|secret|password|authorization|cookie|api[-_]?key/i;
const HIDDEN = "[redacted]";
/** In so many characters of one value spellings are searched for: that takes microseconds for each. */
const SEARCHED = 2 * 1024;
/** In less there is no part of a token that could be told. */
const SHORTEST = 12;

/** Gives a copy of plain data that shows no token. */
export type Redactor = <T>(value: T) => T;

/** What keeps tokens out of all that is shown. */
export interface Redaction {
  readonly redact: Redactor;
  /** Hides this token in any spelling, until 10,000 newer ones are hidden. */
  hide(token: string): void;
}

/**
 * Makes a redactor that hides the tokens it was told, in any spelling within the first 2 KiB of a value; those that
 * `isToken` recognises by their hex SHA-256, as they are; and every text under a name that says it is a secret.
 */
export function createRedaction(isToken: (hash: string) => boolean): Redaction {
  const spellings = createTextRedactor();
  const hidden = new Set<string>();
  /** How many characters are still searched for spellings. */
  let left = 0;
  const inText = (text: string): string => {
    if (text.length < SHORTEST) return text;
    const shown = text.replace(TOKEN_SHAPED, (run) => (isToken(digest(run).toString("hex")) ? HIDDEN : run));
    left -= text.length;
    return left < 0 ? shown : spellings.redact(shown);
  };

  const inValue = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return value !== "" && SECRET_NAME.test(name) ? HIDDEN : inText(value);
    if (Array.isArray(value)) return value.map((item) => inValue(item, name));
    if (typeof value !== "object" || value === null) return value;
    // fromEntries defines own properties, so a field called __proto__ stays a field.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [inText(key), inValue(item, key)]));
  };

  return {
    redact<T>(value: T): T {
      left = SEARCHED;
      return inValue(value, "") as T;
    },
    hide(token) {
      spellings.add(token);
      hidden.add(token);
      const [oldest = token] = hidden;
      if (hidden.size > MAX_REDACTED_TOKENS) spellings.remove(oldest);
      keepNewest(hidden, MAX_REDACTED_TOKENS);
    },
  };
}
