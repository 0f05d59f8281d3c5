import { AuthError, MAX_TOKEN_LENGTH } from "@x/auth-core";

const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Trims text that may be stored and was not half written: one line that a header can carry. `null` for other text. */
export function storableIn(text: string): string | null {
  const token = text.trim();
  return token.length <= MAX_TOKEN_LENGTH && PRINTABLE_ASCII.test(token) ? token : null;
}

/**
 * Checks text to be stored. Text that contains a token but is not one (a whole header, a JSON response) is stored and
 * read like any other, and then rejected by `Auth`, which names the mistake.
 *
 * @throws AuthError `TOKEN_INVALID`
 */
export function checkStorable(text: string): string {
  const token = storableIn(text);
  if (token !== null) return token;
  throw new AuthError(
    "TOKEN_INVALID",
    `The token must be 1 to ${MAX_TOKEN_LENGTH} printable ASCII characters.`,
  );
}
