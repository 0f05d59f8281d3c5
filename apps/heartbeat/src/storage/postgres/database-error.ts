import { AuthError, type AuthErrorCode } from "@x/auth-core";
import { OTHER_VERSION } from "./schema.ts";

/** Fixes for an operator, by SQLSTATE. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  "3F000": "it is not set up; run `heartbeat store init`",
  "42P01": "it is not set up; run `heartbeat store init`",
  "42703": OTHER_VERSION,
  "42501":
    "this user lacks a permission; grant it SELECT, INSERT, UPDATE and DELETE on the tables of the schema",
  "25006": "the server takes no writes; connect to the primary",
  "55P03": "another session holds the rows; end its transaction",
};

/** Describes the kind of failure only: a driver's text may quote a value or a password. */
export function databaseError(error: unknown, code: AuthErrorCode, what: string): AuthError {
  const kind = sqlState(error);
  const wayOut = kind === undefined ? "it does not answer" : (WAYS_OUT[kind] ?? "it failed");
  const shown = kind ?? (error instanceof Error ? error.name : "Error");
  return new AuthError(code, `${what}: ${wayOut} (${shown}).`, { cause: new Error(shown) });
}

/** SQLSTATE, or the system's code. */
export function sqlState(error: unknown): string | undefined {
  const code: unknown = Object(error).code;
  return typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
}
