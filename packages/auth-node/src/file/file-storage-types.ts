import type { AccessOptions, Env, Signal, TokenStorage } from "@x/auth-core";
import type { FileStorageEvent } from "./events.ts";
import type { FileSystem } from "./file-system.ts";

/** Where a token file is, whose token it holds, and who is told of it. */
export interface FileTokenStorageOptions {
  /** Where `CONFIGS_DIR` and `HOME` are read, at each access. Default: `process.env`. */
  readonly env?: Env;
  /** A directory instead of the one that `resolveConfigsDir` finds; blank counts as absent, `~` is the home directory. */
  readonly configsDir?: string;
  /** The file's name in that directory, for another secret that is kept beside the token. Default: `.auth_token`. */
  readonly fileName?: string;
  /**
   * The platform whose token is meant by calls that do not name one. Without both, the file's content is the token,
   * whoever issued it. Default: none.
   */
  readonly platformUrl?: string;
  /**
   * For a workspace of a list, whose `configsDir` is a directory of its own below this one (see `audienceDirName`): no
   * symbolic link leads out of it, and a file with further names (hard links) is not read. The directory is one
   * platform's, so nothing else tells whose a token is. Default: none, a single workspace.
   */
  readonly root?: string;
  /** Called with what happens to the file, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: FileStorageEvent) => void;
  /**
   * Whether reading changes what has to be put right: a file of ours that others may read is given to us alone (0600),
   * and a token that waited while another platform's was used goes back into the file. Default: `true`. With `false`
   * reading changes nothing, and emits `token-file-readable-by-others`: for tools that only look.
   */
  readonly tighten?: boolean;
  /** The calls of the file system. Default: `poolFileSystem`. */
  readonly io?: FileSystem;
}

/** A `TokenStorage` with all its optional parts, and asynchronous throughout. */
export interface FileTokenStorage extends TokenStorage {
  read(options?: AccessOptions): Promise<string | null>;
  write(token: string, options?: AccessOptions): Promise<void>;
  replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean>;
  remove(options?: AccessOptions): Promise<void>;
  probe(options?: AccessOptions): Promise<void>;
  watch(changed: () => void, options?: { readonly signal?: Signal }): () => void;
}
