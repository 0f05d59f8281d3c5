import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { fileTokenStorage } from "@x/auth-node";
import type { SecretFile } from "./operations.ts";
import { Recent } from "./recent.ts";
import type { WorkspaceDirectories, WorkspaceDirectoriesOptions } from "./workspace-directories.ts";
import { refKey } from "./workspace-store.ts";

/** How many storages a thread keeps: their state (which file they have warned about) is worth little. */
const MAX_KEPT = 1_000;

type FileStorage = Required<TokenStorage>;

/** The token storages of a thread. */
export class TokenFiles {
  readonly #directories: WorkspaceDirectories;
  readonly #options: WorkspaceDirectoriesOptions;
  readonly #kept = new Recent<FileStorage>(MAX_KEPT);

  constructor(directories: WorkspaceDirectories, options: WorkspaceDirectoriesOptions) {
    this.#directories = directories;
    this.#options = options;
  }

  /** Runs a callback with a file's storage. */
  async use<T>(
    file: SecretFile,
    signal: AbortSignal,
    work: (storage: FileStorage, options: AccessOptions) => T | Promise<T>,
  ): Promise<T> {
    const { platformOrigin, workspaceId, fileName } = file;
    const found = await this.#directories.find(file, signal);
    const key = `${found.configsDir}\n${refKey(file)}\n${fileName}`;
    const { io, onEvent } = this.#options;
    const storage =
      this.#kept.get(key) ??
      fileTokenStorage({
        ...found,
        fileName,
        // The configs directory itself may hold the tokens of several platforms and workspaces; any other directory
        // belongs to one.
        ...(found.root === undefined ? { workspaceId } : { platformUrl: platformOrigin }),
        onEvent: (event) => onEvent({ platformOrigin, workspaceId }, event),
        io,
      });
    this.#kept.set(key, storage);
    return work(storage, { signal, platformOrigin });
  }
}
