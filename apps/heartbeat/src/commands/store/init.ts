import type { StoreConfig } from "../../config/store-flags.ts";
import { prepareTables } from "../../storage/postgres/prepare-tables.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { inspectStore, withStore } from "./with-store.ts";

/**
 * Creates the schema and the tables of a fleet, unless they exist.
 *
 * @throws ConfigError when the server may lose acknowledged writes, or accepts none; AuthError when this user may not
 * create them
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
