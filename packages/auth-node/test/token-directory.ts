import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A separate directory on a real disk, removed after the test; accessible to other users, who take part in tests. */
export function temporaryDirectory(): string {
  const path = fs.mkdtempSync(join(os.tmpdir(), "auth-node-"));
  fs.chmodSync(path, 0o755);
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

export type TokenDirectory = ReturnType<typeof tokenDirectory>;

export function tokenDirectory(stored?: string) {
  const dir = temporaryDirectory();
  const file = join(dir, ".auth_token");
  if (stored !== undefined) fs.writeFileSync(file, stored, { mode: 0o600 });
  return {
    /** The configs directory, which exists. */
    dir,
    /** The token file, which exists only if a token was given. */
    file,
    /** The names of all entries in the directory. */
    names: () => fs.readdirSync(dir).sort(),
    text: () => fs.readFileSync(file, "utf8"),
    mode: () => fs.statSync(file).mode & 0o777,
  };
}

/** Like Node's own errors, with a code, and with paths in its message. */
export function fsError(code: string, call = "call"): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: provoked, ${call} '/some/path'`), { code, syscall: call });
}

/** Two made-up tokens in the platform's format. */
export const OLD = "oldo-s3cr3t-OLD1234567890abcdefghij-s3cr3t-";
export const NEW = "newn-s3cr3t-NEW0987654321zyxwvutsrq-s3cr3t-";
