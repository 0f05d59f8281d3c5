import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { offerSpilled } from "../../src/cluster/spill.ts";
import { SpilledToken } from "../../src/workspace/spilled-token.ts";
import { execute, holdRows, testServer, whileLazy } from "./postgres.ts";
import { fleetOf } from "./store-scene.ts";

const server = testServer();
const older = "a-token-that-was-here-0001";
const newer = "a-token-that-came-later-02";

describe("an inbox in the store", () => {
  it("continues at the next owner where the last one stopped, and rejects writes of a former owner", async () => {
    const { machines, ref, moveTo } = await fleetOf(server.url, "a", "b");
    const [one, two] = [machines[0].inbox(ref), machines[1].inbox(ref)];
    await moveTo("a");
    const answer = {
      row: "r2",
      to: null,
      messageId: "m",
      inReplyTo: "r2",
      text: "null byte \u0000 and ünïcode",
    };
    await one.append([{ start: 5 }, { cursor: "r1", at: 7 }, { answer }]);
    await moveTo("b");
    await expect(one.append([{ done: "r2" }])).rejects.toThrow(/another runner has the workspace now/);
    expect(await two.load()).toMatchObject({ start: 7, cursor: "r1", done: [], answers: [answer] });
    await two.append([{ done: "r2", said: "digest" }]);
    expect(await two.load()).toMatchObject({ done: ["r2"], said: ["digest"], answers: [], damagedLines: 0 });
  });

  it("does not write later what it could not write because of a locked row", async () => {
    const { machines, ref, moveTo, fleet } = await fleetOf(server.url, "a");
    const inbox = machines[0].inbox(ref);
    await moveTo("a");
    const held = await holdRows(server.url, `"${fleet}".shard`);
    const appending = inbox.append([{ done: "r1" }]);
    await expect(appending).rejects.toThrow(/another session holds the rows; end its transaction \(55P03\)/);
    await held.release();
    expect((await inbox.load()).done).toEqual([]);
  });

  it("occupies no connection that others need while another session holds its shard's row", async () => {
    const { machines, ref, moveTo, fleet } = await fleetOf(server.url, "a");
    const [store] = machines;
    await moveTo("a");
    const held = await holdRows(server.url, `"${fleet}".shard`);
    const appending = ["r1", "r2", "r3", "r4"].map((done) => store.inbox(ref).append([{ done }]));
    const settled = Promise.allSettled(appending);
    const other = store.inbox({ ...ref, workspaceId: "another" });
    expect((await other.load()).done).toEqual([]);
    expect((await settled).map(({ status }) => status)).toEqual(appending.map(() => "rejected"));
    await held.release();
  });

  it("does not grow forever", async () => {
    const { machines, ref, moveTo, fleet } = await fleetOf(server.url, "a");
    const inbox = machines[0].inbox(ref);
    await moveTo("a");
    for (let batch = 0; batch < 8; batch += 1) {
      const changes = Array.from({ length: 500 }, (_, index) => ({ done: `row-${batch}-${index}` }));
      await inbox.append(changes);
    }
    const [row] = (await execute(server.url, `select count(*)::int from "${fleet}".inbox`)) as {
      count: number;
    }[];
    expect(row?.count).toBeLessThan(3_000);
    expect((await inbox.load()).done.at(-1)).toBe("row-7-499");
  });
});

describe("results", () => {
  it("are announced by one machine only", async () => {
    const { machines, ref } = await fleetOf(server.url, "a", "b");
    const [one, two] = [machines[0].results(ref), machines[1].results(ref)];
    expect((await one.load()).isNew).toBe(true);
    await one.append([{ id: "d1" }, { id: "d2" }]);
    expect(await one.load()).toMatchObject({ delivered: ["d1", "d2"], unannounced: ["d1", "d2"] });
    await one.markAnnounced(["d1"]);
    // The second one was not announced before that machine was lost, so it is delivered again.
    expect(await two.load()).toMatchObject({ delivered: ["d1"], unannounced: [], isNew: false });
    await two.append([{ id: "d2" }]);
    await two.markAnnounced(["d2"]);
    expect((await one.load()).unannounced).toEqual([]);
  });
});

describe("a result whose id PostgreSQL cannot store as it is", () => {
  it("is announced once, like those beside it", async () => {
    const { machines, ref } = await fleetOf(server.url, "a");
    const results = machines[0].results(ref);
    await results.append([{ id: "d1" }, { id: "d\0" }]);
    await results.markAnnounced(["d1", "d\0"]);
    expect(await results.load()).toMatchObject({ unannounced: [], isNew: false });
  });
});

describe("rows of inboxes and results that another session holds", () => {
  it("occupy no connection that others need", async () => {
    const { machines, ref, moveTo, fleet } = await fleetOf(server.url, "a");
    const [store] = machines;
    if (store === undefined) throw new Error("a machine");
    await moveTo("a");
    const { platformOrigin, workspaceId } = ref;
    const values = `'${platformOrigin}', '${workspaceId}'`;
    await execute(
      server.url,
      `insert into "${fleet}".inbox (platform, id, change) select ${values}, '{"done":"r' || n || '"}' from generate_series(1, 3100) as n`,
      `insert into "${fleet}".delivered (platform, id, message, delivered_at)
        select ${values}, 'd' || n, now() - n * interval '1 second' from generate_series(1, 1100) as n`,
    );
    const operator = new pg.Client({ connectionString: server.url });
    await operator.connect();
    await operator.query(`begin; select 1 from "${fleet}".inbox for update`);
    await operator.query(`select 1 from "${fleet}".delivered for update`);
    const startedAt = performance.now();
    await store.results(ref).markAnnounced(["new"]);
    await expect(store.inbox(ref).load()).rejects.toThrow(/another session holds the rows/);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await operator.end();
    expect((await store.inbox(ref).load()).done.at(-1)).toBe("r3100");
  });
});

describe("a database whose default isolation level is serializable", () => {
  it("takes what another session wrote at the same moment, too", async () => {
    const level = "alter database postgres set default_transaction_isolation";
    await execute(server.url, `${level} = 'serializable'`);
    onTestFinished(async () => void (await execute(server.url, `${level} = 'read committed'`)));
    const { machines, ref, fleet } = await fleetOf(server.url, "a");
    const results = machines[0]?.results(ref);
    const other = new pg.Client({ connectionString: server.url });
    await other.connect();
    const { platformOrigin, workspaceId } = ref;
    const inserting = `insert into "${fleet}".delivered (platform, id, message) values ($1, $2, 'd1')`;
    await other.query("begin");
    await other.query(inserting, [platformOrigin, workspaceId]);
    const marking = results?.markAnnounced(["d1", "d2"]);
    const waiting = () => execute(server.url, "select 1 from pg_locks where not granted");
    await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0);
    await other.query("commit");
    await other.end();
    await marking;
    expect([...((await results?.load())?.delivered ?? [])].sort()).toEqual(["d1", "d2"]);
  });
});

describe("the results of a workspace", () => {
  it("are bounded, and the newest are remembered", async () => {
    const { machines, ref, fleet } = await fleetOf(server.url, "a");
    const [store] = machines;
    for (let batch = 0; batch < 6; batch += 1) {
      const ids = Array.from({ length: 500 }, (_, index) => `d-${batch}-${index}`);
      await store.results(ref).markAnnounced(ids);
    }
    const rows = await execute(server.url, `select count(*)::int from "${fleet}".delivered`);
    expect(Object(rows[0]).count).toBeLessThanOrEqual(2_000);
    const { delivered } = await store.results(ref).load();
    expect(delivered.filter((id) => id.startsWith("d-5-")).length).toBeGreaterThanOrEqual(499);
  });
});

describe("what an inbox and results say is stored", () => {
  it("is on the disk, even if the database's default is not to wait for that", async () => {
    await whileLazy(server.url, async () => {
      const { machines, ref, moveTo } = await fleetOf(server.url, "a");
      await moveTo("a");
      const [store] = machines;
      const restarted = async () => {
        await server.postgres.kill();
        await server.postgres.restart();
      };
      await store.inbox(ref).append([{ done: "r1" }]);
      await restarted();
      const inbox = () => store.inbox(ref).load();
      await expect.poll(() => inbox().catch(() => null)).toMatchObject({ done: ["r1"] });
      await store.results(ref).markAnnounced(["d1"]);
      await restarted();
      const results = () => store.results(ref).load();
      await expect.poll(() => results().catch(() => null)).toMatchObject({ delivered: ["d1"] });
    });
  });
});

describe("a token that only a machine has", () => {
  it("is offered where nothing is stored, or what it replaces, and no longer kept then", async () => {
    const { machines, ref } = await fleetOf(server.url, "a");
    const [store] = machines;
    const spilled = new SpilledToken(store, ref);
    await spilled.write(newer, older);
    await store.token(ref).write(older);
    expect(await offerSpilled({ store, isElsewhere: () => false })).toMatchObject({ stored: [], kept: [] });
    expect(await offerSpilled({ store, isElsewhere: () => true })).toMatchObject({ stored: [ref], kept: [] });
    expect(await store.token(ref).read()).toBe(newer);
    expect(await spilled.read()).toBeNull();
  });

  it("stays on the machine if a different one is stored, which may be newer", async () => {
    const { machines, ref } = await fleetOf(server.url, "a");
    const [store] = machines;
    const spilled = new SpilledToken(store, ref);
    await spilled.write(older, null);
    await store.token(ref).write(newer);
    expect(await offerSpilled({ store, isElsewhere: () => true })).toMatchObject({ stored: [], kept: [ref] });
    expect(await store.token(ref).read()).toBe(newer);
    expect(await spilled.read()).toEqual({ token: older, sentWith: null, older: [] });
  });

  it("is restored when the database lost it, and nothing else is", async () => {
    const { machines, ref, fleet, secrets, stored } = await fleetOf(server.url, "a");
    const [store] = machines;
    await store.token(ref).write(newer);
    expect(await store.restoreMissing()).toBe(0);
    await execute(server.url, `delete from "${fleet}".token where kind = 'auth'`);
    expect(await stored()).toBeNull();
    expect(await store.restoreMissing()).toBe(1);
    expect(await stored()).toBe(newer);
    expect(secrets).toContain(newer);
    store.forget(ref);
    await execute(server.url, `delete from "${fleet}".token where kind = 'auth'`);
    expect(await store.restoreMissing()).toBe(0);
  });
});
