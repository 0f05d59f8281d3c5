import { type FileStorageEvent, type FileSystem, migrateFirstLayout } from "@x/auth-node";
import { configsDirOf, directoryIn, type Place } from "./locations.ts";
import { Recent } from "./recent.ts";
import { refKey, type WorkspaceRef } from "./workspace-store.ts";

/** How many workspaces a thread remembers as already checked for the first layout. */
const MAX_KNOWN = 1_000;

/** Where a workspace's files are: options for `fileTokenStorage`. */
export interface FoundDirectory {
  readonly configsDir: string;
  /** The configs directory that contains it, if it belongs to one platform. */
  readonly root?: string;
}

export interface WorkspaceDirectoriesOptions {
  readonly io: FileSystem;
  readonly onEvent: (ref: WorkspaceRef, event: FileStorageEvent) => void;
}

/** A thread's access to the workspaces' directories. Files in the first layout are migrated before use. */
export class WorkspaceDirectories {
  readonly #options: WorkspaceDirectoriesOptions;
  readonly #migrated = new Recent<FoundDirectory>(MAX_KNOWN);

  constructor(options: WorkspaceDirectoriesOptions) {
    this.#options = options;
  }

  /** @throws AuthError; the signal's reason */
  async find(place: Place, signal: AbortSignal): Promise<FoundDirectory> {
    const root = configsDirOf(place.root);
    const configsDir = directoryIn(root, place);
    if (configsDir === root) return { configsDir };
    if (place.area !== "workspaces") return { configsDir, root };
    const key = `${root}\n${refKey(place)}`;
    const known = this.#migrated.get(key);
    if (known !== undefined) return known;
    const { platformOrigin, workspaceId } = place;
    const { io, onEvent } = this.#options;
    const found = await migrateFirstLayout({
      configsDir: root,
      workspaceId,
      platformUrl: platformOrigin,
      onEvent: (event) => onEvent({ platformOrigin, workspaceId }, event),
      signal,
      io,
    });
    // A move that fails now may succeed later.
    if (found.configsDir === configsDir) this.#migrated.set(key, found);
    return found;
  }
}
