import { isAuthError } from "@x/auth-core";
import type { Outcome } from "../platform/reply.ts";

/** Variables that no header can be made of are an outcome like another one: told, and tried again. */
export async function guarded(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (isAuthError(error)) return { kind: "invalid", status: 0, why: error.message };
    throw error;
  }
}
