import { AuthError } from "./errors.ts";

/** The maximum length of a token, in characters (which are bytes: tokens are ASCII). */
export const MAX_TOKEN_LENGTH = 16_384;

/** What a header value can carry without being folded, truncated or rejected: printable ASCII (RFC 9110, 5.5). */
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Trims a text; blank text, and anything that is not a string, counts as absent. */
export function cleanText(text: unknown): string | null {
  return typeof text === "string" ? text.trim() || null : null;
}

/** The trimmed text of any value; none of `null` and `undefined`. */
export const textOf = (value: unknown): string => String(value ?? "").trim();

/**
 * Trims and checks a token. Its format is up to the platform; here it only has to be safe in a header, and not be
 * something that contains a token (a whole header, JSON, quotes).
 *
 * @returns the token without surrounding white space: 1 to 16,384 characters of printable ASCII
 * @throws AuthError `TOKEN_INVALID`; the message says what is wrong, and never contains the token
 */
export function checkToken(text: string): string {
  const token = cleanText(text);
  const mistake = token && mistakeIn(token);
  if (mistake) throw new AuthError("TOKEN_INVALID", `The token is ${mistake}; give the token alone.`);
  if (!token || token.length > MAX_TOKEN_LENGTH || !PRINTABLE_ASCII.test(token)) {
    throw new AuthError(
      "TOKEN_INVALID",
      `The token must be 1 to ${MAX_TOKEN_LENGTH} printable ASCII characters.`,
    );
  }
  return token;
}

/** Recognizes text that was pasted instead of the token, and contains it. */
function mistakeIn(token: string): string | undefined {
  const mistakes: [RegExp, string][] = [
    [/^(proxy-)?authorization\b/i, "a whole Authorization header"],
    [/^(bearer|basic)[\s:]/i, "a Bearer header's value"],
    [/^[\w-]+:\s/, "a whole header, or a name with its value"],
    [/^(curl|-H)\s/, "a curl command"],
    [/^(["'`]).*\1[,;]?$|^[\u2018-\u201d]/s, "in quotes"],
    [/^(\$[({]|\$[A-Z_]+$|\{\{|<.*>$)/, "a placeholder"],
    [/^[{[].*[}\]]$/s, "JSON"],
    [/^(export |set |setx |\$env:)?([A-Z][A-Z\d_]*|\w*[Tt]oken) ?= ?[^=]/, "a NAME=value line"],
    [/^https?:\/\//i, "a URL"],
    [/\\[nr]$/, "followed by a literal \\n"],
  ];
  return mistakes.find(([pattern]) => pattern.test(token))?.[1];
}

/**
 * Shows a token as its first four characters and its length, or as its length alone if shorter than 16 characters,
 * where four characters would reveal too much.
 */
export function redactToken(token: string): string {
  return token.length < 16 ? "(short)" : `${token.slice(0, 4)}… (${token.length} characters)`;
}
