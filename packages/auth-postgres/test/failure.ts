import { expect } from "vitest";
import { isAuthError } from "../src/index.ts";

/** What an `AuthError` says that the work rejects with. */
export async function failure(work: unknown): Promise<{ code: string; message: string }> {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable("expected a failure"),
    (thrown: unknown) => thrown,
  );
  if (!isAuthError(error)) throw error;
  return { code: error.code, message: error.message };
}
