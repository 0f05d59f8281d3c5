import os from "node:os";
import { basename } from "node:path";
import { AuthError, type AuthErrorCode, isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import { INBOUND_SECRET_FILE } from "./location.ts";
import { ourUid } from "./user.ts";

/** Errors for which Node has no name, only `Unknown system error -122`: exceeded quota, stale network handle. */
const NAMELESS = ["EDQUOT", "ESTALE"] as const;

/** A file system error's code, such as `ENOENT`; empty for any other error. */
export function codeOf(error: unknown): string {
  const { code, errno }: { code?: unknown; errno?: unknown } =
    typeof error === "object" && error !== null ? error : {};
  if (typeof code !== "string") return "";
  return NAMELESS.find((name) => errno === -os.constants.errno[name]) ?? code;
}

/** A problem with a path or a file's content, not an error of the system: its message is the reason. */
export class Rejected extends Error {}

export function readFailure(path: string, why: string, cause?: unknown): AuthError {
  return failure("STORAGE_READ_FAILED", `${kindOf(path)} in ${path} cannot be read: ${why}`, cause);
}

export function writeFailure(path: string, why: string, cause?: unknown): AuthError {
  return failure("STORAGE_WRITE_FAILED", `${kindOf(path)} cannot be stored in ${path}: ${why}`, cause);
}

/** The storage of the inbound secret is the same as a token's, but for its `fileName`. */
const kindOf = (path: string): string =>
  basename(path).startsWith(INBOUND_SECRET_FILE) ? "The secret" : "The token";

function failure(code: AuthErrorCode, message: string, cause: unknown): AuthError {
  return new AuthError(code, message, cause === undefined ? {} : { cause });
}

/** A read's rejection: an abort's reason and an AuthError unchanged, anything else with what to do. */
export function asReadFailure({ signal }: Access, path: string, error: unknown): unknown {
  if (signal?.aborted) return signal.reason;
  if (isAuthError(error)) return error;
  return readFailure(path, whyUnreadable(error), error instanceof Rejected ? undefined : error);
}

/** The same for a write. */
export function asWriteFailure({ signal }: Access, path: string, error: unknown): unknown {
  if (signal?.aborted) return signal.reason;
  if (isAuthError(error)) return error;
  return writeFailure(path, whyUnwritable(error), error instanceof Rejected ? undefined : error);
}

/** Why a call did not even begin: the previous one hangs. */
export function unanswered(seconds: number): string {
  return `the disk has not answered for ${seconds} s.`;
}

export const ELSEWHERE = "or choose another configs directory with CONFIGS_DIR.";

/** Explains a file system error on reading, and what to do. */
function whyUnreadable(error: unknown): string {
  if (error instanceof Rejected) return error.message;
  const code = codeOf(error);
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${us()} may not read it (${code}). Give the file to that user, ${ELSEWHERE}`;
    case "ENOTDIR":
      return `a part of the path is not a directory (${code}). Move it away, ${ELSEWHERE}`;
    case "ELOOP":
      return `its symbolic links are circular (${code}). Remove the link, then save again.`;
    case "ERR_ACCESS_DENIED":
      return `Node's permission model forbids it (${code}). Allow it with --allow-fs-read, ${ELSEWHERE}`;
    default:
      return messageOf(error);
  }
}

/** Explains a file system error on writing, and what to do. */
export function whyUnwritable(error: unknown): string {
  if (error instanceof Rejected) return error.message;
  const code = codeOf(error);
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${us()} may not write there (${code}). Make it writable for that user, ${ELSEWHERE}`;
    case "EROFS":
      return `the file system is read-only (${code}). Mount it writable, ${ELSEWHERE}`;
    case "ENOSPC":
    case "EDQUOT":
      return `there is no space left (${code}). What was stored before is untouched. Make room, then save again.`;
    case "ENOTDIR":
      return `a part of the path is not a directory (${code}). Move it away, ${ELSEWHERE}`;
    case "ELOOP":
      return `its symbolic links are circular (${code}). Remove the link, then save again.`;
    case "ERR_ACCESS_DENIED":
      return `Node's permission model forbids it (${code}), as it forbids to flush any file. Use another storage, or start node without --permission.`;
    default:
      return messageOf(error);
  }
}

function us(): string {
  const uid = ourUid();
  return uid === undefined ? "this user" : `this user (uid ${uid})`;
}

/** Node's message, which names the call and the path, and never a file's content. */
function messageOf(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)}.`;
}
