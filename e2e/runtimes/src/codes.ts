import { type AuthErrorCode, isAuthError } from "@x/auth-core";

/** The code of the `AuthError` that `action` fails with; any other outcome fails the test. */
export async function codeOf(action: () => unknown): Promise<AuthErrorCode> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    if (isAuthError(error)) return error.code;
    throw error;
  }
  throw new Error(`expected a failure, got ${String(result)}`);
}
