import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { AuthError } from "@x/auth-core";

/** 32 bytes. */
export type StoreKey = Uint8Array;

const KEY_BYTES = 32;
const ENCODED = /^[A-Za-z0-9_-]{43}$/;
/** Enough for a hundred keys. */
const MAX_FILE_BYTES = 8_192;

const MAKE_ONE = `make one with: (umask 077; node -p 'require("crypto").randomBytes(32).toString("base64url")' > store.key)`;

/** @throws TypeError, without the keys, unless this is a list of 32-byte keys */
export function parseKeys(keys: readonly string[]): readonly [StoreKey, ...StoreKey[]] {
  const given: readonly string[] = Array.isArray(keys) ? keys : [];
  const [first, ...others] = given.map((key, index) => {
    const bytes = decode(key);
    if (bytes !== null) return bytes;
    throw new TypeError(`keys[${index}] must be 32 bytes in base64url (43 characters): ${MAKE_ONE}.`);
  });
  if (first === undefined) throw new TypeError(`keys must contain at least one key: ${MAKE_ONE}.`);
  return [first, ...others];
}

/**
 * Reads a key file: one key per line, each of 32 bytes in base64url (43 characters). The first key encrypts, all of
 * them decrypt. Skips blank lines and lines that begin with `#`.
 *
 * @param path a regular file that no other user may read (0600 or 0400); or root's, readable through this user's group
 *   (0440, a mounted Secret)
 * @returns the keys, for `postgresTokenStore({ keys })`
 * @throws AuthError `STORAGE_READ_FAILED` with the path and what to do, never with a key
 * @example
 * const store = postgresTokenStore({ url, keys: await readKeyFile("/etc/heartbeat/store.key") });
 */
export async function readKeyFile(path: string): Promise<readonly string[]> {
  const text = await readPrivate(path);
  const keys = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const given = keys.filter(({ line }) => line !== "" && !line.startsWith("#"));
  if (given.length === 0) throw failed(path, `is empty; ${MAKE_ONE}`);
  const wrong = given.find(({ line }) => decode(line) === null);
  if (wrong === undefined) return given.map(({ line }) => line);
  throw failed(
    path,
    `has an invalid key in line ${wrong.number}: a key is 32 bytes in base64url (43 characters); ${MAKE_ONE}`,
  );
}

function decode(key: unknown): StoreKey | null {
  if (typeof key !== "string" || !ENCODED.test(key)) return null;
  const bytes = Buffer.from(key, "base64url");
  return bytes.length === KEY_BYTES ? bytes : null;
}

async function readPrivate(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw failed(path, `does not exist; ${MAKE_ONE}`);
      throw failed(path, `cannot be read (${error.code})`);
    },
  );
  try {
    const stats = await file.stat();
    const { mode, uid, size } = stats;
    if (!stats.isFile()) throw failed(path, "is not a regular file; use the file that contains the key");
    if (size > MAX_FILE_BYTES)
      throw failed(path, "is too large for a key file; use a file that contains only the key");
    const isOurs = uid === process.getuid?.();
    // A mounted Secret belongs to root, and is read through the group.
    const tooOpen = process.platform !== "win32" && (mode & (uid === 0 && !isOurs ? 0o027 : 0o077)) !== 0;
    if (tooOpen)
      throw failed(
        path,
        `can be read or written by other users; chmod 600 ${path}, or for a mounted Secret set defaultMode: 0400`,
      );
    const bytes = await file.readFile();
    // Keys are ASCII: every second byte of UTF-16 is zero.
    if (bytes.subarray(0, 4).includes(0)) throw failed(path, "is UTF-16 text; save it as UTF-8");
    return bytes.toString("utf8");
  } finally {
    await file.close();
  }
}

const failed = (path: string, why: string) =>
  new AuthError("STORAGE_READ_FAILED", `The key file ${path} ${why}.`);
