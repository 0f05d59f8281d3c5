import { ConfigError } from "../../config/problems.ts";
import type { StoreConfig } from "../../config/store-flags.ts";
import { clusterProblems } from "../../storage/postgres/cluster-problems.ts";
import { prepareTables } from "../../storage/postgres/prepare-tables.ts";
import { SharedDatabase } from "../../storage/postgres/shared-database.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { inspectStore, withStore } from "./with-store.ts";

/**
 * Creates the schema and the tables of a fleet, unless they exist.
 *
 * @throws ConfigError when the server may lose acknowledged writes, or accepts none, and for tables of another version;
 * AuthError when this user may not create them
 */
export function initStore(config: StoreConfig | null): Promise<ExitCode> {
  return withStore(config, async (store, { url, fleet, keyFile }) => {
    // Before anything is created: no token belongs on a server that may lose it.
    const before = await inspectStore(store, { ignoring: ["NOT_PREPARED"] });
    if (before === null) return EXIT.problem;
    const isNew = before.problems.length > 0;
    await store.prepare();
    await prepareTables({ url, fleet, location: store.location });
    const after = await inspectStore(store);
    if (after === null) return EXIT.problem;
    const database = new SharedDatabase({ url, location: store.location });
    const problems = await clusterProblems(database, fleet).finally(() => database.close());
    if (problems.length > 0) throw new ConfigError(problems);
    console.log(
      `${store.location}: ${isNew ? "set up" : "is set up already"} (PostgreSQL ${after.serverVersion})`,
    );
    console.log(`A runner's user needs no more than
  GRANT USAGE ON SCHEMA "${fleet}" TO runner;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${fleet}" TO runner;
Keep a copy of ${keyFile} in a safe place: without it, every token in the store is lost.`);
    return EXIT.ok;
  });
}
