import { get } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PostgresLeases } from "../../src/cluster/postgres-leases.ts";
import { SHARDS } from "../../src/storage/postgres/schema.ts";
import { storeEnvironment, testServer } from "../cluster/postgres.ts";
import { AGENT_7 } from "../ids.ts";
import { heartbeat, outcome, outcomeOf } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { carries, startPlatform } from "../support/platform.ts";

const server = testServer();
let fleets = 0;

async function start() {
  const emulator = await startPlatform();
  const { env, key, keyFile, directory } = await storeEnvironment(server.url);
  const fleet = `doctors-${fleets++}`;
  const shared = { ...env, PLATFORM_URL: emulator.url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: directory };
  const run = async (args: readonly string[], { input = "", given = {} } = {}) => {
    const ended = await outcomeOf([...args, "--fleet", fleet], { ...shared, ...given }, { input });
    for (const secret of [key, new URL(server.url).password]) expect(ended.output).not.toContain(secret);
    return ended;
  };
  await run(["store", "init"]);
  const token = emulator.issue(AGENT_7);
  await run(["store", "put", AGENT_7], { input: token });
  const proxying = (socket: string) => heartbeat(["proxy", "--socket", socket, "--fleet", fleet], shared);
  return { run, fleet, keyFile, emulator, proxying, token };
}

describe("heartbeat doctor with a store", () => {
  it("checks the store, its key, and the token in it", async () => {
    const { run } = await start();
    const { code, output } = await run(["doctor"]);
    expect(output).toMatch(
      /✓ store +PostgreSQL at .*\(PostgreSQL \d+\.\d+\): 1 token, and the key decrypts them/,
    );
    expect(output).toMatch(/· runners +none is running/);
    expect(output).toMatch(/· owner +no runner owns it \(shard \d+\)/);
    expect(output).toMatch(/✓ token .*schema doctors-\d+, token of/);
    expect(output).not.toMatch(/token file|configs dir/);
    expect(code, output).toBe(0);
  });

  it("reports a server that takes no writes, which nothing else shows while no token is to be stored", async () => {
    const { run } = await start();
    await server.query("alter database postgres set default_transaction_read_only = on");
    try {
      const { code, output } = await run(["doctor"]);
      expect(output).toMatch(/✗ store +new sessions may not write, so no token can be stored/);
      expect(output).toMatch(/✓ token .*schema doctors-\d+, token of/);
      expect(code).toBe(1);
    } finally {
      await server.query(
        "set default_transaction_read_only = off",
        "alter database postgres reset default_transaction_read_only",
      );
    }
  });

  it("reports an unusable store, and skips the workspaces", async () => {
    const { run, fleet } = await start();
    const cases = [
      [
        { HEARTBEAT_STORE_KEY_FILE: "/none/store.key" },
        /✗ key file +The key file \/none\/store\.key does not exist/,
      ],
      [{ HEARTBEAT_STORE: "postgres://127.0.0.1:1/d" }, /✗ store .*nothing listens there/],
      [{ HEARTBEAT_STORE_KEY_FILE: (await storeEnvironment("")).keyFile }, /✗ store .*use the key file that/],
    ] as const;
    for (const [given, finding] of cases) {
      const { code, output } = await run(["doctor"], { given });
      expect([code, output]).toEqual([1, expect.stringMatching(finding)]);
      expect(output).toContain("Without the store, no workspace was checked.");
    }
    await server.query(`drop table "${fleet}".shard`);
    const { output } = await run(["doctor"]);
    expect(output).toMatch(/✗ store .*not set up; run `heartbeat store init`/);
    const { code } = await run(["store", "init"]);
    expect(code).toBe(0);
  });

  it("names what a user may not do, and so does a runner, which exits with 2", async () => {
    const { run, fleet } = await start();
    const role = `partial_${fleet.replaceAll("-", "_")}`;
    await server.query(`create role ${role} login password 'of-the-test'; grant usage on schema "${fleet}" to ${role};
      grant select, insert, update, delete on all tables in schema "${fleet}" to ${role};
      revoke insert, delete on "${fleet}".runner from ${role}; revoke update on "${fleet}".inbox from ${role}`);
    const given = { HEARTBEAT_STORE: server.url.replace(/\/\/.*@/, `//${role}:of-the-test@`) };
    const lacking =
      /lacks UPDATE on "doctors-\d+"\.inbox; (INSERT, DELETE|DELETE, INSERT) on "doctors-\d+"\.runner; grant/;
    expect(await run(["doctor"], { given })).toEqual(outcome(1, lacking));
    expect(await run(["run"], { given })).toEqual(outcome(2, lacking));
  });

  it("gives one piece of advice about tables of another version and lost shards, as do run and store init", async () => {
    const { run, fleet } = await start();
    const commands = [["doctor"], ["run"], ["store", "init"]];
    for (const [column, advice] of [
      [
        "shard.released_at",
        /no column "doctors-\d+"\.shard\.released_at; it was set up by another version; use that/,
      ],
      ["token.print", /the store was set up by another version; use that version, or another fleet/],
    ] as const) {
      const [table, name] = column.split(".");
      await server.query(`alter table "${fleet}".${table} rename ${name} to renamed`);
      for (const command of commands) {
        const { code, output } = await run(command);
        expect([command, code, output]).toEqual([command, expect.any(Number), expect.stringMatching(advice)]);
        expect([code, output]).toEqual([command[0] === "doctor" ? 1 : 2, expect.not.stringContaining("`")]);
      }
      await server.query(`alter table "${fleet}".${table} rename renamed to ${name}`);
    }

    await server.query(`delete from "${fleet}".shard where shard < 7`);
    const advice = /7 of 256 rows of "doctors-\d+"\.shard are missing.* run `heartbeat store init`/;
    for (const command of commands.slice(0, 2))
      expect((await run(command)).output, command[0]).toMatch(advice);
    expect((await run(["store", "init"])).code).toBe(0);
    const { code, output } = await run(["doctor"]);
    expect(code, output).toBe(0);
  });

  it("names runners and the owner of a workspace, shards without an owner, and lists that differ", async () => {
    const { run, fleet } = await start();
    const leases = new PostgresLeases({ url: server.url, fleet, location: "the test's" });
    onTestFinished(() => leases.close());
    for (const name of ["alder", "beech"]) await leases.join({ id: name, name, listDigest: "one list" });
    expect(await leases.claim("alder", SHARDS)).toHaveLength(SHARDS);
    const renewing = setInterval(() => void leases.renew("alder", "one list").catch(() => {}), 500);
    onTestFinished(() => clearInterval(renewing));
    const fine = await run(["doctor"]);
    expect(fine.output).toMatch(/✓ runners +2: alder, beech\n/);
    expect(fine.output).toMatch(/· runners +not seen for 7 s: beech; others take over/);
    expect(fine.output).toMatch(/✓ shards +all 256 are owned/);
    expect(fine.output).toMatch(/· lists +the runners' list differs from the one given here/);
    expect(fine.output).toMatch(/✓ owner +alder \(shard \d+\)/);
    expect(fine.code, fine.output).toBe(0);

    await leases.renew("beech", "another list");
    await leases.release("alder", [0, 1, 2], []);
    const { code, output } = await run(["doctor", "--json"]);
    const { store } = JSON.parse(output) as { store: { check: string; status: string; detail: string }[] };
    const problems = store
      .filter(({ status }) => status === "problem")
      .map(({ check, detail }) => [check, detail]);
    expect(problems).toEqual([
      ["shards", expect.stringMatching(/^3 of 256 have no owner: no heartbeats are sent/)],
      [
        "lists",
        expect.stringMatching(
          /^runners have different lists of workspaces: (alder \| beech|beech \| alder)$/,
        ),
      ],
    ]);
    expect(code).toBe(1);
  });
});

describe("heartbeat proxy with a store", () => {
  it("signs with the token that is stored there", async () => {
    const { proxying, emulator, token } = await start();
    const socketPath = join(temporaryDirectory(), "platform.sock");
    await proxying(socketPath).printed(/PROXY_OPENED/);
    const path = `/workspaces/${AGENT_7}/state`;
    const status = await new Promise((resolve, reject) => {
      get({ socketPath, path }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
    });
    expect(status).toBe(200);
    expect(carries(emulator.requests.at(-1), token)).toBe(true);
  });
});
