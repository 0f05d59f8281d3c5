import { createRedactor as createTextRedactor } from "@x/platform-client";
import { keepNewest, MAX_REDACTED_TOKENS } from "./limits.ts";
import { digest } from "./tokens.ts";

/** Token-shaped text: 43 characters of base64url, not part of a longer run. */
const TOKEN_SHAPED = /(?<![\w-])[\w-]{43}(?![\w-])/g;
/** Fields whose value is a secret in any form. */
const SECRET_NAME = /token|secret|password|authorization|cookie|api[-_]?key/i;
const HIDDEN = "[redacted]";
/** The number of characters of a value that are searched for spellings: each takes microseconds. */
const SEARCHED = 2 * 1024;
/** Shorter text cannot contain a recognisable part of a token. */
const SHORTEST = 12;

/** Returns a copy of plain data without tokens. */
export type Redactor = <T>(value: T) => T;

/** Redacts all output. */
export interface Redaction {
  readonly redact: Redactor;
  /** Hides this token in any spelling, until 10,000 newer ones are hidden. */
  hide(token: string): void;
}

/**
 * Creates a redactor that hides the tokens passed to `hide`, in any spelling within the first 2 KiB of a value; tokens
 * whose hex SHA-256 `isToken` recognises, verbatim; and every text with a secret-sounding name.
 */
export function createRedaction(isToken: (hash: string) => boolean): Redaction {
  const spellings = createTextRedactor();
  const hidden = new Set<string>();
  /** The number of characters left to search for spellings. */
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
