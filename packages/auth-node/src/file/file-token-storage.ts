import { basename } from "node:path";
import { ownProperties } from "../own.ts";
import type { FileTokenStorage, FileTokenStorageOptions } from "./file-storage-types.ts";
import { TokenFile } from "./token-file.ts";

/**
 * Stores the token in the file `.auth_token` of the configs directory: mode 0600, one line without a newline at its
 * end.
 *
 * Writes are durable once they settle, and readers see the old token or the new one, even if a writer is killed. If the
 * file cannot be replaced (it is a mount, or its directory is not writable), it is written in place. A read returns the
 * trimmed token; `null` if there is no file, it is blank, or it holds another platform's token. `watch` does not keep
 * the process alive.
 *
 * `replace(null, …)` is exclusive across processes while there is no file. Otherwise `replace` is exclusive within this
 * thread only: another program or worker may write between the comparison and the rename.
 *
 * Calls run one at a time; one that would wait more than 5 s behind a call that hangs is rejected. The methods reject
 * with an AuthError, `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED`, whose `cause` is the file system's error; `write`
 * and `replace` also with `TOKEN_INVALID`; all of them with the reason of an aborted signal.
 *
 * @throws TypeError unless `fileName` is the name of a file, without a directory
 * @example
 * const storage = fileTokenStorage({ configsDir: "/srv/agent" });
 * await storage.write(token);
 */
export function fileTokenStorage(options: FileTokenStorageOptions = {}): FileTokenStorage {
  const own = ownProperties(options);
  const { fileName } = own;
  if (fileName !== undefined && (fileName !== basename(fileName) || /^\.{0,2}$/.test(fileName))) {
    throw new TypeError("fileName must be the name of a file in the configs directory, not a path.");
  }
  return new TokenFile(own);
}
