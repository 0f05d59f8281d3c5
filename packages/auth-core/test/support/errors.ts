import { expect } from "vitest";
import { AuthError, type AuthErrorCode } from "../../src/errors.ts";

/** The `AuthError` that this throws or rejects with; the test fails when there is none, or one with another code. */
export async function authError(code: AuthErrorCode, attempt: () => unknown): Promise<AuthError> {
  let caught: unknown = "nothing was thrown";
  try {
    await attempt();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(AuthError);
  if (!(caught instanceof AuthError)) throw caught;
  expect(caught.code).toBe(code);
  return caught;
}
