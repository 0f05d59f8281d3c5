import type { AuthEvent, Env } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import type { Config } from "../config/config.ts";
import { createFileStore, type FileStore } from "../storage/file-store.ts";
import type { Fence } from "../storage/postgres/inbox-rows.ts";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { SharedStore } from "./open-shared-store.ts";

export interface OpenStoreOptions {
  readonly env: Env;
  /** @default nothing */
  readonly onEvent?: (workspaceId: string, event: AuthEvent | FileStorageEvent) => void;
  /** Called with each token and secret that is read or stored. @default nothing */
  readonly onSecret?: (workspaceId: string, text: string) => void;
  /** Identifies the row that shows this runner as the workspace's owner. @default none: it is not in the fleet */
  readonly fenceOf?: (ref: WorkspaceRef) => Fence;
  /** Called when the shared store had lost tokens that this process knew. @default nothing */
  readonly onRestored?: (count: number) => void;
}

export interface OpenedStore {
  readonly store: WorkspaceStore;
  /** What stays on this machine. */
  readonly files: FileStore;
  /** `null` when everything is kept in files. */
  readonly shared: SharedStore | null;
}

/**
 * Opens the configured store. Connects when it is first used.
 *
 * @throws AuthError for a key file that cannot be used
 */
export async function openStore(config: Config, options: OpenStoreOptions): Promise<OpenedStore> {
  const { env, onEvent = () => {}, onSecret = () => {}, fenceOf, onRestored = () => {} } = options;
  const hide = ({ workspaceId }: WorkspaceRef, text: string) => onSecret(workspaceId, text);
  const files = createFileStore({
    configsDir: config.configsDir,
    env,
    layout: config.isFleet ? "list" : "single",
    onEvent: ({ workspaceId }, event) => onEvent(workspaceId, event),
    onSecret: hide,
  });
  if (config.store === null) return { store: files, files, shared: null };
  const { openSharedStore } = await import("./open-shared-store.ts");
  const shared = await openSharedStore(config.store, {
    files,
    hide,
    onRestored,
    ...(fenceOf !== undefined && { fenceOf }),
  });
  return { store: shared.store, files, shared };
}
