import { AuthError } from "./errors.ts";

/** The longest token that is accepted, in characters (which are bytes: tokens are ASCII). */
export const MAX_TOKEN_LENGTH = 16_384;

/** What may stand in a header's value without being folded, cut or refused: printable ASCII (RFC 9110, 5.5). */
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Trims; what is blank, missing or no text counts as absent. */
export function cleanText(text: unknown): string | null {
  return typeof text === "string" ? text.trim() || null : null;
}

/**
 * Trims and checks a token. Its shape is the platform's business; here it only has to be safe in a header, and not
 * plainly something else that holds a token.
 *
 * @returns the token without surrounding white space: 1 to 16,384 characters of printable ASCII
 * @throws AuthError `TOKEN_INVALID`; the message says what is wrong, never what the token is
 */
export function checkToken(text: string): string {
  const token = cleanText(text);
  if (!token || token.length > MAX_TOKEN_LENGTH || !PRINTABLE_ASCII.test(token)) {
    throw new AuthError(
      "TOKEN_INVALID",
      `The token must be 1 to ${MAX_TOKEN_LENGTH} printable ASCII characters.`,
    );
  }
  const mistake = mistakeIn(token);
  if (mistake) throw new AuthError("TOKEN_INVALID", `The token is ${mistake}; give the token alone.`);
  return token;
}

/** What was pasted in place of the token, and plainly is something else that holds one. */
function mistakeIn(token: string): string | undefined {
  const mistakes: [RegExp, string][] = [
    [/^authorization:/i, "a whole Authorization header"],
    [/^bearer /i, "a Bearer header's value"],
    [/^(["'`]).*\1$/, "in quotes"],
    [/^(\$[({]|\$[A-Z_]+$|\{\{|<.*>$)/, "a placeholder"],
    [/^[{[].*[}\]]$/, "JSON"],
    [/^(export )?([A-Z][A-Z\d_]*|\w*[Tt]oken)=[^=]/, "a NAME=value line"],
    [/\\[nr]$/, "followed by a literal \\n"],
  ];
  return mistakes.find(([pattern]) => pattern.test(token))?.[1];
}

/**
 * A token as people may see it: its first four characters and its length, and nothing of one that is so short
 * (under 16 characters) that this would give it away.
 */
export function redactToken(token: string): string {
  return token.length < 16 ? "(short)" : `${token.slice(0, 4)}… (${token.length} characters)`;
}
