import { AuthError } from "@x/auth-core";

/** Explanations of a browser's storage exceptions, by name. */
const REASONS: Readonly<Record<string, string>> = {
  QuotaExceededError: "the browser's storage quota for this site is used up",
  SecurityError:
    "the browser denies storage to this page (blocked site data, a sandboxed frame, a file: URL)",
  InvalidStateError: "the browser does not offer it here, as in some private windows",
  ReferenceError: "there is no such storage here",
  TypeError: "there is no such storage here",
  NotFoundError: "this database belongs to another application; choose another name",
  TimeoutError: "the database does not answer; another tab may be upgrading or deleting it",
};

export function readError(location: string, failure: unknown): AuthError {
  return asError("STORAGE_READ_FAILED", `The token in ${location} cannot be read`, failure);
}

export function writeError(location: string, failure: unknown): AuthError {
  const what = `The token cannot be stored in ${location}, and stays in memory`;
  return asError("STORAGE_WRITE_FAILED", what, failure);
}

/** Uses only the failure's name: the browser's message might quote the token. A frame's errors are no `Error` here. */
function asError(code: "STORAGE_READ_FAILED" | "STORAGE_WRITE_FAILED", what: string, failure: unknown) {
  const { name = "unknown failure" }: { name?: string } = Object(failure);
  return new AuthError(code, `${what}: ${REASONS[name] ?? "it failed"} (${name}).`);
}
