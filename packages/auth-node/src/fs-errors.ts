import os from "node:os";
import { AuthError } from "@x/auth-core";

/** Errors that Node has no name for, and calls `Unknown system error -122`: a quota used up, a stale network handle. */
const NAMELESS = ["EDQUOT", "ESTALE"] as const;

/** A file system error's code, such as `ENOENT`; empty for any other failure. */
export function codeOf(error: unknown): string {
  const { code, errno }: { code?: unknown; errno?: unknown } =
    typeof error === "object" && error !== null ? error : {};
  if (typeof code !== "string") return "";
  return NAMELESS.find((name) => errno === -os.constants.errno[name]) ?? code;
}

/** The user this process acts as; `undefined` where there are none (Windows). */
export function ourUid(): number | undefined {
  return process.geteuid?.();
}

export function readFailure(path: string, why: string, cause?: unknown): AuthError {
  return new AuthError("STORAGE_READ_FAILED", `The token in ${path} cannot be read: ${why}`, { cause });
}

export function writeFailure(path: string, why: string, cause?: unknown): AuthError {
  return new AuthError("STORAGE_WRITE_FAILED", `The token cannot be stored in ${path}: ${why}`, { cause });
}

const ELSEWHERE = "or choose another configs directory with CONFIGS_DIR.";

/** What a file system error means for the one who reads, and the way out. */
export function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${us()} may not read it (${code}). Give the file to that user, ${ELSEWHERE}`;
    case "ENOTDIR":
      return `a part of the path is not a directory (${code}). Move that away, ${ELSEWHERE}`;
    case "ELOOP":
      return `its symbolic links lead in a circle (${code}). Remove the link, then save the token again.`;
    default:
      return messageOf(error);
  }
}

/** What a file system error means for the one who writes, and the way out. */
export function whyUnwritable(error: unknown): string {
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
      return `a part of the path is not a directory (${code}). Move that away, ${ELSEWHERE}`;
    case "ELOOP":
      return `its symbolic links lead in a circle (${code}). Remove the link, then save again.`;
    default:
      return messageOf(error);
  }
}

function us(): string {
  const uid = ourUid();
  return uid === undefined ? "this user" : `this user (uid ${uid})`;
}

/** Node's own words: they name the call and the path, and nothing of what is in a file. */
function messageOf(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)}.`;
}
