import type { TokenStorage } from "@x/auth-core";
import type { PostgresTokenStore, StoreRef } from "@x/auth-postgres";
import type { FileStore } from "../file-store.ts";
import type { WorkspaceRef, WorkspaceStore } from "../workspace-store.ts";
import { type Fence, InboxRows } from "./inbox-rows.ts";
import { KnownTokenStorage } from "./known-token-storage.ts";
import { ResultsRows } from "./results-rows.ts";
import type { SharedDatabase } from "./shared-database.ts";

export interface PostgresStoreOptions {
  readonly tokens: Pick<PostgresTokenStore, "storage" | "known" | "restore" | "forget" | "close">;
  readonly database: SharedDatabase;
  /** Also the name of the schema. */
  readonly fleet: string;
  /** Keeps what stays on this machine: spilled tokens, rotation records, results, and messages that were set aside. */
  readonly files: FileStore;
  readonly fenceOf: (ref: WorkspaceRef) => Fence;
  /** Called with each token and secret that is read or stored, so that it is never printed. */
  readonly onSecret: (ref: WorkspaceRef, text: string) => void;
}

/** The store of a runner that shares its workspaces with others. */
export interface PostgresStore extends WorkspaceStore {
  /**
   * Stores again the tokens and secrets that this runner has read or stored and that the database has lost: it may have
   * failed over to a server that had not received them yet. One query if none is lost.
   *
   * @returns how many were restored
   */
  restoreMissing(options?: { readonly signal?: AbortSignal | undefined }): Promise<number>;
  /** Another runner owns the workspace now. */
  forget(ref: WorkspaceRef): void;
}

export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const { tokens, database, fleet, files, fenceOf, onSecret } = options;
  const open = (ref: WorkspaceRef, kind: "auth" | "inbound"): TokenStorage =>
    new KnownTokenStorage(
      tokens.storage(storeRef(ref), kind),
      (text) => onSecret(ref, text),
      // Heartbeats continue while the database is down, even with a token that was stored a moment ago.
      () => (kind === "auth" ? (tokens.known(storeRef(ref))?.token ?? null) : null),
    );
  return {
    token: (ref) => open(ref, "auth"),
    inboundSecret: (ref) => open(ref, "inbound"),
    results: (ref) => new ResultsRows({ database, fleet, ref, files: files.results(ref) }),
    inbox: (ref) =>
      new InboxRows({ database, fleet, ref, fence: () => fenceOf(ref), files: files.inbox(ref) }),
    spillsAtOnce: true,
    spill: (ref) => files.spill(ref),
    spillBasis: (ref) => files.replacedBySpilled(ref),
    versions(ref, token) {
      const known = tokens.known(storeRef(ref));
      return known !== null && known.token === token ? known.versions : [];
    },
    rotation: (ref) => files.rotation(ref),
    spilled: () => files.spilled(),
    restoreMissing: (given) => tokens.restore(given),
    forget: (ref) => tokens.forget(storeRef(ref)),
    isStuck: () => files.isStuck(),
    async close() {
      const [closed] = await Promise.all([files.close(), tokens.close(), database.close()]);
      return closed;
    },
  };
}

const storeRef = ({ platformOrigin: platformUrl, workspaceId }: WorkspaceRef): StoreRef => ({
  platformUrl,
  workspaceId,
});
