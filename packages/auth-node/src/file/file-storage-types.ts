import type { AccessOptions, Env, Signal, TokenStorage } from "@x/auth-core";
import type { FileStorageEvent } from "./events.ts";
import type { FileSystem } from "./file-system.ts";

/** Options of `fileTokenStorage`. */
export interface FileTokenStorageOptions {
  /** The environment with `CONFIGS_DIR` and `HOME`, read on each access. Default: `process.env`. */
  readonly env?: Env;
  /**
   * The directory, instead of `resolveConfigsDir`'s; blank counts as unset, `~` is the home directory. A relative one,
   * also in `CONFIGS_DIR`, is resolved against the working directory at the time of this call.
   */
  readonly configsDir?: string;
  /** The file's name in that directory, to store another secret beside the token. Default: `.auth_token`. */
  readonly fileName?: string;
  /**
   * The platform for calls that do not name one. Without either, the file's content is the token, whichever platform it
   * came from. Default: none.
   */
  readonly platformUrl?: string;
  /**
   * The workspace whose token it is: one that another workspace of the platform saved here is neither used nor lost.
   * Blank counts as unset, and without a platform it has no effect. Default: none, for any workspace's token.
   */
  readonly workspaceId?: string;
  /**
   * For one of several workspaces, whose `configsDir` is its own directory below this one (see `audienceDirName`): no
   * symbolic link may lead out of it, and a file with several hard links is not read. Its directory name is the only
   * record of the token's audience. Default: none, for a single workspace.
   */
  readonly root?: string;
  /** Receives events about the file, without secrets. Errors it throws are ignored. */
  readonly onEvent?: (event: FileStorageEvent) => void;
  /**
   * Whether a read fixes problems: it restricts our own file to its owner (0600) if other users may read it, and
   * restores a token that was set aside for another platform's. Default: `true`. With `false`, reads change nothing and
   * emit `token-file-readable-by-others`: for diagnostic tools.
   */
  readonly tighten?: boolean;
  /** The file system calls. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
}

/** A `TokenStorage` with all optional methods, all of them asynchronous. */
export interface FileTokenStorage extends TokenStorage {
  read(options?: AccessOptions): Promise<string | null>;
  write(token: string, options?: AccessOptions): Promise<void>;
  replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean>;
  remove(options?: AccessOptions): Promise<void>;
  probe(options?: AccessOptions): Promise<void>;
  watch(changed: () => void, options?: { readonly signal?: Signal }): () => void;
}
