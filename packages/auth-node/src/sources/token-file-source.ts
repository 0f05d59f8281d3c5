import { basename, dirname, resolve } from "node:path";
import type { AccessOptions, TokenSource } from "@x/auth-core";
import { beginAccess } from "../file/access.ts";
import { audienceOf } from "../file/audience.ts";
import { readFor } from "../file/audience-store.ts";
import type { FileSystem } from "../file/file-system.ts";
import { asReadFailure, codeOf, readFailure, unanswered } from "../file/fs-errors.ts";
import { OperationQueue } from "../file/operation-queue.ts";
import { poolFileSystem } from "../file/pool-file-system.ts";
import { ownProperties } from "../own.ts";

/** Options of `tokenFileSource`. */
export interface TokenFileSourceOptions {
  /** The workspace whose token to return, if the file is a `fileTokenStorage`'s. @default any workspace's */
  readonly workspaceId?: string;
  /** @default Node's asynchronous calls */
  readonly io?: FileSystem;
}

/**
 * A token source that reads a file written by others, such as a mounted Secret: read each time, and never written. If
 * it is a `fileTokenStorage`'s, which records whose its tokens are, another platform's or workspace's is not returned.
 *
 * Returns the token without surrounding white space and byte order mark, or `null` if the file is blank. Follows only
 * links that this user or root created, such as those of a mounted Secret. Reads reject with an AuthError
 * `STORAGE_READ_FAILED` if there is no file, it is not a regular file, it is longer than 64 KiB, or its text is not a
 * token; and after 5 s behind a read that hangs.
 *
 * @param path the file's path; a relative one is resolved against the working directory
 * @example
 * createNodeAuth({ fallback: [tokenFileSource("/run/secrets/workspace-token")] });
 */
export function tokenFileSource(path: string, options: TokenFileSourceOptions = {}): TokenSource {
  const file = resolve(path);
  const location = { configsDir: dirname(file), fileName: basename(file), root: null };
  const { io = poolFileSystem, workspaceId } = ownProperties(options);
  const operations = new OperationQueue();

  return {
    location: file,
    read(options: AccessOptions = {}) {
      const { signal, platformOrigin } = ownProperties(options);
      return operations.run(
        async () => {
          const access = beginAccess(io, signal);
          const { token } = await readFor(access, location, audienceOf(platformOrigin, workspaceId));
          if (token !== null) return token;
          // A blank file holds no token; but a configured file that does not exist is a mistake.
          try {
            await access.io.stat(file);
          } catch (error) {
            if (codeOf(error) === "ENOENT") throw readFailure(file, "there is no such file.");
            throw asReadFailure(access, file, error);
          }
          return null;
        },
        { signal, unanswered: (seconds) => readFailure(file, unanswered(seconds)) },
      );
    },
  };
}
