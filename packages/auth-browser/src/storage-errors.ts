import { AuthError } from "@x/auth-core";

/** What a browser's own words for it mean, by the name of the exception. */
const REASONS: Readonly<Record<string, string>> = {
  QuotaExceededError: "the browser's room for this site is used up",
  SecurityError:
    "the browser keeps storage from this page (blocked site data, a sandboxed frame, a file: address)",
  InvalidStateError: "the browser does not offer it here, as in some private windows",
  ReferenceError: "there is no such storage here",
  TypeError: "there is no such storage here",
  NotFoundError: "this database belongs to something else; give another name",
  TimeoutError: "the database does not answer; another tab may be upgrading or deleting it",
};

export function readError(location: string, failure: unknown): AuthError {
  return asError("STORAGE_READ_FAILED", `What is stored in ${location} cannot be read`, failure);
}

export function writeError(location: string, failure: unknown): AuthError {
  const what = `The token cannot be stored in ${location}, and stays in memory`;
  return asError("STORAGE_WRITE_FAILED", what, failure);
}

/** Only the failure's name is told: its message is the browser's, and might quote what was to be stored. */
function asError(code: "STORAGE_READ_FAILED" | "STORAGE_WRITE_FAILED", what: string, failure: unknown) {
  const name = failure instanceof Error ? failure.name : "unknown failure";
  return new AuthError(code, `${what}: ${REASONS[name] ?? "it failed"} (${name}).`);
}
