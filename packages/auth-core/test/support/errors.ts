import { expect } from "vitest";
import { AuthError, type AuthErrorCode } from "../../src/errors.ts";

/** The `AuthError` that `attempt` throws or rejects with; fails the test if there is none, or with another code. */
export async function authError(code: AuthErrorCode, attempt: () => unknown): Promise<AuthError> {
  let caught: unknown = "no error";
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
