import { ownProperties } from "../own.ts";
import type { FileTokenStorage, FileTokenStorageOptions } from "./file-storage-types.ts";
import { TokenFile } from "./token-file.ts";

/**
 * The token in the file `.auth_token` of the configs directory: mode 0600, one line, no newline at its end.
 *
 * A write is on the disk once it settles, and whoever reads finds the old token or the new one, also when a writer is
 * killed. Where the file cannot be replaced (it is a mount, its directory is not writable) it is written in place. A read
 * gives the token without white space around it, `null` when there is no file, a blank one, or one that holds another
 * platform's token. `watch` keeps no process alive.
 *
 * `replace` of nothing (`null`) is exclusive among all processes; of a token, within this process only: a program that
 * does not compare may write between our look and our rename.
 *
 * Calls are carried out one after the other; one that would wait for longer than 5 s behind one that hangs is rejected.
 * The methods reject with an AuthError, `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED`, whose `cause` is the file
 * system's error; `write` and `replace` also with `TOKEN_INVALID`; all of them with the reason of an aborted signal.
 *
 * @example
 * const storage = fileTokenStorage({ configsDir: "/srv/agent" });
 * await storage.write(token);
 */
export function fileTokenStorage(options: FileTokenStorageOptions = {}): FileTokenStorage {
  return new TokenFile(ownProperties(options));
}
