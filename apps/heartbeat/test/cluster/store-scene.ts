import { randomUUID } from "node:crypto";
import { postgresTokenStore } from "@x/auth-postgres";
import { onTestFinished } from "vitest";
import { PostgresLeases } from "../../src/cluster/postgres-leases.ts";
import { createFileStore } from "../../src/storage/file-store.ts";
import { createPostgresStore, type PostgresStore } from "../../src/storage/postgres/postgres-store.ts";
import { SharedDatabase } from "../../src/storage/postgres/shared-database.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { execute, newFleet, newKey } from "./postgres.ts";

/** A fleet of machines with one disk each; shard 0 has an owner. */
export async function fleetOf<const Names extends readonly string[]>(url: string, ...names: Names) {
  const key = newKey();
  const fleet = await newFleet(url, key);
  const leases = new PostgresLeases({ url, fleet, location: "the store" });
  for (const name of names) await leases.join({ id: name, name, listDigest: "" });
  const ref = { platformOrigin: "https://platform.example", workspaceId: randomUUID() };
  const secrets: string[] = [];
  /** A process on the machine, which has its own disk. */
  const start = (owner: string, configsDir: string) => {
    const store = createPostgresStore({
      tokens: postgresTokenStore({ url, fleet, keys: [key], pollMs: 100 }),
      database: new SharedDatabase({ url, location: "the store" }),
      fleet,
      files: createFileStore({ configsDir, env: {}, layout: "list", onEvent() {} }),
      fenceOf: () => ({ shard: 0, owner }),
      onSecret: (_ref, text) => secrets.push(text),
    });
    onTestFinished(async () => void (await store.close()));
    return store;
  };
  const disks = names.map(() => temporaryDirectory());
  const stores = names.map((name, index) => start(name, disks[index] ?? ""));
  const machines = stores as unknown as { readonly [Index in keyof Names]: PostgresStore };
  const restarted = async (index: number) => {
    await stores[index]?.close();
    return start(names[index] ?? "", disks[index] ?? "");
  };
  onTestFinished(() => leases.close());
  /** What a process finds that knows nothing. */
  const stored = async () => {
    const store = postgresTokenStore({ url, fleet, keys: [key] });
    const { platformOrigin: platformUrl, workspaceId } = ref;
    try {
      return await store.storage({ platformUrl, workspaceId }).read();
    } finally {
      await store.close();
    }
  };
  const moveTo = async (name: string) => {
    await execute(url, `update "${fleet}".shard set owner = '${name}' where shard = 0`);
  };
  return { fleet, ref, machines, restarted, stored, leases, moveTo, secrets };
}

/** The rows of a fleet's tokens as a standby has them that is promoted before it received the rest. */
export async function standbyOf(url: string, fleet: string) {
  const name = `"${fleet}".standby_${randomUUID().replaceAll("-", "")}`;
  const table = `"${fleet}".token`;
  await execute(url, `create table ${name} as select * from ${table} where kind = 'auth'`);
  return {
    promote: () =>
      execute(
        url,
        "begin",
        `delete from ${table} where kind = 'auth'`,
        `insert into ${table} select * from ${name}`,
        "commit",
      ),
  };
}
