import { AuthError, MAX_TOKEN_LENGTH } from "@x/auth-core";

const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** What may be stored, and was not half written: one line that a header can carry, without white space around it. */
export function storableIn(text: string): string | null {
  const token = text.trim();
  return token.length <= MAX_TOKEN_LENGTH && PRINTABLE_ASCII.test(token) ? token : null;
}

/**
 * Checks what is to be stored. What plainly is something else that holds a token (a whole header, a JSON answer) is
 * stored and read like any other text, and rejected by `Auth`, which names it.
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
