import type { TokenStorage } from "@x/auth-core";
import type { PostgresTokenStore } from "@x/auth-postgres";
import type { FileStore } from "../file-store.ts";
import { refKey, type WorkspaceRef, type WorkspaceStore } from "../workspace-store.ts";
import { type Fence, InboxRows } from "./inbox-rows.ts";
import { KnownTokenStorage } from "./known-token-storage.ts";
import { ResultsRows } from "./results-rows.ts";
import type { SharedDatabase } from "./shared-database.ts";

export interface PostgresStoreOptions {
  readonly tokens: Pick<PostgresTokenStore, "storage" | "compare" | "close">;
  readonly database: SharedDatabase;
  /** Also the name of the schema. */
  readonly fleet: string;
  /** What stays on this machine: spilled tokens, rotation records, results, and messages that were set aside. */
  readonly files: FileStore;
  readonly fenceOf: (ref: WorkspaceRef) => Fence;
  /** Called with each token and secret that is read or stored, so that it is never printed. */
  readonly onSecret: (ref: WorkspaceRef, text: string) => void;
}

/** The store of a runner that shares its workspaces with others. */
export interface PostgresStore extends WorkspaceStore {
  /**
   * Restores tokens that this runner has read or stored and that are missing, or that the token before them is stored
   * instead of: a database may have failed over to a server that had not received them yet. One query, if none is
   * missing.
   *
   * @returns how many were restored
   */
  restoreMissing(): Promise<number>;
  /** Another runner owns the workspace now. */
  forget(ref: WorkspaceRef): void;
}

interface Known {
  readonly ref: WorkspaceRef;
  readonly token: string;
  readonly before: string | undefined;
}

export function createPostgresStore(options: PostgresStoreOptions): PostgresStore {
  const { tokens, database, fleet, files, fenceOf, onSecret } = options;
  /** The last token of each workspace that is known to be stored, and the one that was before it. */
  const known = new Map<string, Known>();
  const open = (ref: WorkspaceRef, kind: "auth" | "inbound"): TokenStorage => {
    const { platformOrigin: platformUrl, workspaceId } = ref;
    return new KnownTokenStorage(tokens.storage({ platformUrl, workspaceId }, kind), {
      onSecret: (text) => onSecret(ref, text),
      onStored(token) {
        if (kind !== "auth") return;
        const last = known.get(refKey(ref))?.token;
        if (token !== last) known.set(refKey(ref), { ref, token, before: last });
      },
    });
  };
  return {
    token: (ref) => open(ref, "auth"),
    inboundSecret: (ref) => open(ref, "inbound"),
    results: (ref) => new ResultsRows({ database, fleet, ref, files: files.results(ref) }),
    inbox: (ref) =>
      new InboxRows({ database, fleet, ref, fence: () => fenceOf(ref), files: files.inbox(ref) }),
    spillsFirst: true,
    spill: (ref) => files.spill(ref),
    spillBasis: (ref) => files.replacedBySpilled(ref),
    rotation: (ref) => files.rotation(ref),
    spilled: () => files.spilled(),
    async restoreMissing() {
      const held = [...known.values()];
      const compared = held.map(({ ref: { platformOrigin: platformUrl, workspaceId }, token }) => ({
        platformUrl,
        workspaceId,
        token,
      }));
      if (held.length === 0) return 0;
      const found = await tokens.compare(compared);
      let restored = 0;
      for (const [index, { ref, token, before }] of held.entries()) {
        // Any other token than the one before may be newer.
        const expected = { none: null, other: before, same: undefined }[found[index] ?? "same"];
        if (expected !== undefined && (await open(ref, "auth").replace?.(expected, token))) restored += 1;
      }
      return restored;
    },
    forget: (ref) => void known.delete(refKey(ref)),
    isStuck: () => files.isStuck(),
    async close() {
      const [closed] = await Promise.all([files.close(), tokens.close(), database.close()]);
      return closed;
    },
  };
}
