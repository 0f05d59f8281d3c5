import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { ConfigError } from "../config/problems.ts";

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_CREAT, O_EXCL, O_WRONLY } = constants;
const MAX_BYTES = 1_024;
const SHORTEST = 16;

/**
 * The proxy's secret: the content of the file, or a new one, which creates the file (0600).
 *
 * @throws ConfigError when others can read it, or it holds no secret
 */
export async function secretFrom(path: string): Promise<string> {
  const created = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600).catch(
    ({ code }: NodeJS.ErrnoException) => {
      if (code === "EEXIST") return null;
      const why =
        code === "ENOENT" ? "its directory does not exist; create it" : `it cannot be created (${code})`;
      throw unusable(path, why);
    },
  );
  if (created === null) return readSecret(path);
  try {
    const secret = randomBytes(32).toString("base64url");
    await created.writeFile(`${secret}\n`);
    await created.sync();
    return secret;
  } catch (error) {
    // The next start would reject what was written.
    await rm(path).catch(() => {});
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(path, `it cannot be written (${code})`);
  } finally {
    await created.close();
  }
}

async function readSecret(path: string): Promise<string> {
  // A pipe must not block this process.
  const file = await open(path, O_RDONLY | O_NONBLOCK).catch(({ code }: NodeJS.ErrnoException) => {
    throw unusable(path, `it cannot be read (${code})`);
  });
  try {
    await check(path, file);
    const secret = (await file.readFile("utf8")).trim();
    if (/^[\x21-\x7e]+$/.test(secret) && secret.length >= SHORTEST) return secret;
    throw unusable(
      path,
      `it must hold one line of at least ${SHORTEST} printable characters, or not exist yet`,
    );
  } finally {
    await file.close();
  }
}

async function check(path: string, file: FileHandle): Promise<void> {
  const stats = await file.stat();
  if (!stats.isFile() || stats.size > MAX_BYTES)
    throw unusable(path, `it is not a regular file of at most ${MAX_BYTES} bytes`);
  if ((stats.mode & 0o077) !== 0)
    throw unusable(path, "others can read it; chmod 600 it, and replace the secret");
}

const unusable = (path: string, why: string) => new ConfigError([`--secret-file ${path}: ${why}.`]);
