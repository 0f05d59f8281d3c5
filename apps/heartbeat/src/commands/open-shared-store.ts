import { postgresTokenStore, readKeyFile } from "@x/auth-postgres";
import type { StoreConfig } from "../config/store-flags.ts";
import type { FileStore } from "../storage/file-store.ts";
import { clusterProblems } from "../storage/postgres/cluster-problems.ts";
import type { Fence } from "../storage/postgres/inbox-rows.ts";
import { createPostgresStore, type PostgresStore } from "../storage/postgres/postgres-store.ts";
import { SharedDatabase } from "../storage/postgres/shared-database.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";

/** A store that several machines share. */
export interface SharedStore {
  readonly store: PostgresStore;
  /** Display name. */
  readonly location: string;
  /**
   * Finds problems, each a sentence with its fix.
   *
   * @throws AuthError when it cannot be reached
   */
  problems(): Promise<readonly string[]>;
}

interface Options {
  readonly files: FileStore;
  readonly hide: (ref: WorkspaceRef, text: string) => void;
  readonly fenceOf?: (ref: WorkspaceRef) => Fence;
  readonly onRestored: (count: number) => void;
}

/** @throws AuthError for a key file that cannot be used */
export async function openSharedStore(
  { url, keyFile, fleet }: StoreConfig,
  { files, hide, onRestored, fenceOf = () => ({ shard: 0, owner: null }) }: Options,
): Promise<SharedStore> {
  const tokens = postgresTokenStore({
    url,
    fleet,
    keys: await readKeyFile(keyFile),
    onEvent(event) {
      if (event.type === "tokens-restored") onRestored(event.count);
    },
  });
  const { location } = tokens;
  const database = new SharedDatabase({ url, location });
  return {
    store: createPostgresStore({ tokens, database, fleet, files, fenceOf, onSecret: hide }),
    location,
    async problems() {
      const { problems } = await tokens.inspect();
      return problems.length > 0 ? problems.map(({ message }) => message) : clusterProblems(database, fleet);
    },
  };
}
