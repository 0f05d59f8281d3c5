import { isAuthError } from "@x/auth-core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TransactionPooler } from "../../../../packages/auth-postgres/test/transaction-pooler.ts";
import { WireProxy } from "../../../../packages/auth-postgres/test/wire-proxy.ts";
import { execute, holdRows, newFleet, testServer, whileLazy } from "../../test/cluster/postgres.ts";
import { prepareTables } from "../storage/postgres/prepare-tables.ts";
import { PostgresLeases } from "./postgres-leases.ts";

const server = testServer();

/** An isolation level at which statements that meet on a row fail, unless they are repeated. */
async function whileSerializable(work: () => Promise<void>): Promise<void> {
  await execute(server.url, "alter database postgres set default_transaction_isolation = 'serializable'");
  try {
    await work();
  } finally {
    await execute(server.url, "alter database postgres reset default_transaction_isolation");
  }
}

/** Closed after the test. */
function connectTo(url: string, fleet: string): PostgresLeases {
  const leases = new PostgresLeases({ url, fleet, location: "the store" });
  onTestFinished(() => leases.close());
  return leases;
}

async function open(url = server.url) {
  const fleet = await newFleet(server.url);
  const connect = () => connectTo(url, fleet);
  return { fleet, connect, leases: connect() };
}
const runner = (id: string) => ({ id, name: `machine of ${id}`, listDigest: "ab" });

describe("leases in PostgreSQL", () => {
  it("give each shard to one runner, and never more than there are", async () => {
    const { leases, connect } = await open();
    const other = connect();
    await leases.join(runner("a"));
    await other.join(runner("b"));
    const [mine, theirs] = await Promise.all([leases.claim("a", 200), other.claim("b", 200)]);
    const shards = [...mine, ...theirs].map(({ shard }) => shard);
    expect(new Set(shards).size).toBe(shards.length);
    const rest = await leases.claim("a", 256);
    expect(shards.length + rest.length).toBe(256);
    const { owners, runners } = await other.list();
    expect(owners.every((owner) => owner === "a" || owner === "b")).toBe(true);
    expect(runners.map(({ id, renewals }) => [id, renewals]).sort()).toEqual([
      ["a", 0],
      ["b", 0],
    ]);
  });

  it("come back when an operator has truncated the runners, which truncates their shards", async () => {
    const { leases, fleet } = await open();
    await execute(server.url, `truncate "${fleet}".runner cascade`);
    await leases.join(runner("a"));
    expect(await leases.claim("a", 256)).toEqual([]);
    expect(await leases.claim("a", 256)).toHaveLength(256);
  });

  it("call no function that another user created in public for exactly these types", async () => {
    const { leases } = await open();
    const strangers = [
      ["array_remove", "smallint[], smallint", "smallint[]"],
      ["hashtextextended", "text, int", "bigint"],
    ];
    const create = strangers.map(
      ([
        name,
        types,
        result,
      ]) => `create function public.${name}(${types}) returns ${result} language plpgsql as
        $$ begin raise exception 'a function of another user was called'; end $$;`,
    );
    await execute(server.url, create.join(""));
    try {
      await leases.join(runner("a"));
      await leases.claim("a", 1);
      expect(await leases.renew("a", "ab")).toBe(true);
      expect((await leases.list()).runners).toMatchObject([{ id: "a", renewals: 1 }]);
    } finally {
      const drop = strangers.map(([name, types]) => `drop function public.${name}(${types});`);
      await execute(server.url, drop.join(""));
      await leases.close();
    }
  });

  it("are shared out, and evicted, whatever the database's default isolation level", async () => {
    await whileSerializable(async () => {
      const { connect } = await open();
      const runners = ["a", "b", "c", "d"].map((id) => ({ id, leases: connect() }));
      const all = (work: (one: (typeof runners)[number]) => Promise<unknown>) =>
        Promise.all(runners.map(work));
      await all(({ id, leases }) => leases.join(runner(id)));
      const claimed = await all(({ id, leases }) => leases.claim(id, 64));
      expect(claimed.flat()).toHaveLength(256);
      await all(({ id, leases }) => leases.renew(id, "ab"));
      const evicted = await all(({ leases }) => leases.evict({ id: "a", renewals: 1 }));
      expect(evicted.filter(Boolean)).toHaveLength(1);
      expect(await runners[1]?.leases.claim("b", 256)).toHaveLength(64);
    });
  });

  it("are set up by several runners at once, whatever the default isolation level", async () => {
    await whileSerializable(async () => {
      const { url } = server;
      await execute(url, 'create schema "set-up"');
      const options = { url, fleet: "set-up", location: "the store" };
      await Promise.all([1, 2, 3, 4].map(() => prepareTables(options)));
      expect(await execute(url, 'select count(*)::int from "set-up".shard')).toEqual([{ count: 256 }]);
    });
  });

  it("mark the workspaces of a released shard as alive, and those of a lost shard as possibly not", async () => {
    const { leases } = await open();
    await leases.join(runner("a"));
    await leases.join(runner("b"));
    expect((await leases.claim("a", 3)).map(({ isHandedOver }) => isHandedOver)).toEqual([
      false,
      false,
      false,
    ]);
    await leases.release("a", [0, 2], [0]);
    expect(await leases.evict({ id: "a", renewals: 0 })).toBe(true);
    const claimed = [...(await leases.claim("b", 3))].sort((one, two) => one.shard - two.shard);
    expect(claimed).toEqual([
      { shard: 0, isHandedOver: true },
      { shard: 1, isHandedOver: false },
      { shard: 2, isHandedOver: false },
    ]);
  });

  it("evict no runner that has renewed since, and report an eviction to its runner", async () => {
    const { leases } = await open();
    await leases.join(runner("a"));
    expect(await leases.renew("a", "cd")).toBe(true);
    expect(await leases.evict({ id: "a", renewals: 0 })).toBe(false);
    expect((await leases.list()).runners).toEqual([
      { id: "a", name: "machine of a", renewals: 1, listDigest: "cd" },
    ]);
    expect(await leases.evict({ id: "a", renewals: 1 })).toBe(true);
    expect(await leases.renew("a", "cd")).toBe(false);
    expect(await leases.claim("a", 1)).toEqual([]);
  });

  it("release only the runner's own shards", async () => {
    const { leases } = await open();
    await leases.join(runner("a"));
    await leases.claim("a", 1);
    await leases.release("b", [0], []);
    expect((await leases.list()).owners[0]).toBe("a");
  });

  it("announce free shards, but not renewed leases", async () => {
    const { leases, connect } = await open();
    const other = connect();
    const heard = vi.fn();
    other.watch(heard);
    await other.list();
    await leases.join(runner("a"));
    await leases.claim("a", 3);
    await expect.poll(() => heard).toHaveBeenCalledTimes(1);
    for (let each = 0; each < 5; each += 1) await leases.renew("a", "ab");
    await leases.release("a", [0], []);
    await expect.poll(() => heard).toHaveBeenCalledTimes(2);
    await leases.leave("a");
    await expect.poll(() => heard).toHaveBeenCalledTimes(3);
  });

  it("reconnect after a broken connection and lose nothing", async () => {
    const { leases, fleet } = await open();
    await leases.join(runner("a"));
    await leases.claim("a", 5);
    await execute(
      server.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heartbeat'",
    );
    const failed = await leases.renew("a", "ab").catch((error: unknown) => error);
    expect(failed === true || isAuthError(failed)).toBe(true);
    expect(await leases.renew("a", "ab")).toBe(true);
    const rows = await execute(server.url, `select count(*)::int from "${fleet}".shard where owner = 'a'`);
    expect(rows).toEqual([{ count: 5 }]);
  });

  it("reconnect for the next statement when the connection was closed while idle", async () => {
    await using proxy = await WireProxy.to(server.url);
    const { leases } = await open(proxy.through(server.url));
    await leases.join(runner("a"));
    for (let each = 0; each < 3; each += 1) {
      proxy.cut();
      // Once another connection has been used, the close has arrived.
      await execute(server.url, "select 1");
      expect(await leases.renew("a", "ab")).toBe(true);
    }
  });

  it("leave no statement behind that waits for a locked row", async () => {
    const { leases, fleet } = await open();
    await leases.join(runner("a"));
    const held = await holdRows(server.url, `"${fleet}".runner`);
    for (let each = 0; each < 2; each += 1) {
      const failed = await leases.renew("a", "ab").catch((error: unknown) => error);
      expect(String(failed)).toMatch(/another session holds the rows; end its transaction \(55P03\)/);
    }
    const waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock'";
    expect(await execute(server.url, waiting)).toEqual([]);
    await held.release();
    expect(await leases.renew("a", "ab")).toBe(true);
  });

  it("of a dead or departing runner become free although another session holds the row of one", async () => {
    const { leases, fleet } = await open();
    await leases.join(runner("a"));
    await leases.join(runner("b"));
    await leases.claim("a", 3);
    await leases.claim("b", 3);
    const held = await holdRows(server.url, `"${fleet}".shard where shard in (1, 4)`);
    const ofB = [3, 4, 5];
    for (const work of [() => leases.evict({ id: "a", renewals: 0 }), () => leases.release("b", ofB, ofB)]) {
      const failed = await work().catch((error: unknown) => error);
      expect(String(failed)).toMatch(/another session holds the rows; end its transaction \(55P03\)/);
    }
    expect((await leases.list()).owners.slice(0, 6)).toEqual([null, "a", null, null, "b", null]);
    const claimed = [...(await leases.claim("b", 4))].sort((one, two) => one.shard - two.shard);
    expect(claimed.map(({ shard, isHandedOver }) => [shard, isHandedOver])).toEqual([
      [0, false],
      [2, false],
      [3, true],
      [5, true],
    ]);
    await held.release();
    expect(await leases.evict({ id: "a", renewals: 0 })).toBe(true);
    await leases.release("b", ofB, []);
    expect((await leases.list()).owners.slice(0, 6)).toEqual(["b", null, "b", null, null, null]);
  });

  it("are not evicted while a renewal is in flight, although another session holds the runner's row", async () => {
    const { leases, connect, fleet } = await open();
    const [other, observer] = [connect(), connect()];
    await leases.join(runner("a"));
    await leases.claim("a", 3);
    const held = await holdRows(server.url, `"${fleet}".runner`);
    const waiting = (type: string) =>
      execute(server.url, `select 1 from pg_locks where not granted and locktype = '${type}'`);
    const renewing = leases.renew("a", "ab");
    await expect.poll(() => waiting("transactionid")).toHaveLength(1);
    const evicting = other.evict({ id: "a", renewals: 0 });
    await expect.poll(() => waiting("advisory")).toHaveLength(1);
    await held.release();
    expect(await Promise.all([renewing, evicting])).toEqual([true, false]);
    expect((await observer.list()).owners.filter((owner) => owner === "a")).toHaveLength(3);
  });

  it("reconnect to write when the server took no writes for a while", async () => {
    const { leases, connect } = await open();
    await leases.join(runner("a"));
    const other = connect();
    await execute(server.url, "alter database postgres set default_transaction_read_only = on");
    const refused = await other.renew("a", "ab").catch((error: unknown) => error);
    expect(String(refused)).toMatch(/the server takes no writes; connect to the primary \(25006\)/);
    await execute(
      server.url,
      "set default_transaction_read_only = off",
      "alter database postgres reset default_transaction_read_only",
    );
    expect(await other.renew("a", "ab")).toBe(true);
  });

  it("need nothing of a session, and leave nothing in one: behind a pooler each statement is in another", async () => {
    await using pooler = await TransactionPooler.to(server.url);
    const { leases, connect } = await open(pooler.url);
    const other = connect();
    await leases.join(runner("a"));
    await other.join(runner("b"));
    expect((await Promise.all([leases.claim("a", 200), other.claim("b", 200)])).flat()).toHaveLength(256);
    expect(await leases.renew("a", "cd")).toBe(true);
    await leases.release("a", [0], [0]);
    expect(await other.evict({ id: "a", renewals: 1 })).toBe(true);
    expect((await other.list()).owners.filter((owner) => owner === "a")).toEqual([]);
    await other.leave("b");
    expect(await pooler.leftBehind()).toEqual([]);
  });

  it("are on the disk, even if the database's default is not to wait for that", async () => {
    await whileLazy(server.url, async () => {
      const { leases } = await open();
      await leases.join(runner("a"));
      await leases.claim("a", 3);
      await server.postgres.kill();
      await server.postgres.restart();
      const owned = async () => (await leases.list()).owners.filter((owner) => owner === "a").length;
      await expect.poll(() => owned().catch(() => null)).toBe(3);
    });
  });

  it("say what to do where there are no tables, and nothing of the URL", async () => {
    const leases = connectTo(server.url, "nothing");
    const error = await leases.list().catch((failure: unknown) => failure);
    expect(String(error)).toMatch(/the store: it is not set up; run `heartbeat store init` \(42P01\)/);
    const nowhere = connectTo("postgres://someone:secret-password@127.0.0.1:1/db", "nothing");
    const refused = await nowhere.list().catch((failure: unknown) => failure);
    expect(String(refused)).toMatch(/ECONNREFUSED/);
    expect(JSON.stringify(refused) + String(refused)).not.toContain("secret-password");
  });
});
