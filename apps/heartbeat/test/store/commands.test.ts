import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { postgresTokenStore } from "@x/auth-postgres";
import { describe, expect, it } from "vitest";
import { newKey, storeEnvironment, testServer } from "../cluster/postgres.ts";
import { directoryOf } from "../fleet-scene.ts";
import { A, B, C, D } from "../ids.ts";
import { outcome, outcomeOf } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";

const server = testServer();
const PLATFORM_URL = "https://platform.example";
let fleets = 0;

/** A separate fleet, with a way to run `heartbeat store` for it. */
async function start() {
  const { directory, key, keyFile, env } = await storeEnvironment(server.url);
  const fleet = `fleet-${fleets++}`;
  const run = async (args: readonly string[], given: Record<string, string> = {}, input?: string) => {
    const environment = { PLATFORM_URL, ...env, ...given };
    const ended = await outcomeOf(["store", ...args, "--fleet", fleet], environment, { input });
    for (const secret of [key, new URL(server.url).password]) expect(ended.output).not.toContain(secret);
    return ended;
  };
  const read = async (workspaceId: string, keys = [key]) => {
    const store = postgresTokenStore({ url: server.url, fleet, keys });
    try {
      return await store.storage({ platformUrl: PLATFORM_URL, workspaceId }).read();
    } finally {
      await store.close();
    }
  };
  return { directory, key, keyFile, fleet, run, read };
}

describe("heartbeat store init", () => {
  it("sets a store up once, and prints the privileges that a runner's user needs", async () => {
    const { run, fleet, keyFile } = await start();
    const first = await run(["init"]);
    expect(first.code, first.output).toBe(0);
    expect(first.output).toMatch(new RegExp(`schema ${fleet}: set up \\(PostgreSQL \\d+\\.\\d+\\)`));
    expect(first.output).toContain(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${fleet}"`);
    expect(first.output).toContain(`Keep a copy of ${keyFile} in a safe place`);
    expect(await run(["init"])).toEqual(outcome(0, "is set up already"));
  });

  it("requires a store, and a key file that only its owner can read", async () => {
    const { run, keyFile } = await start();
    const cases = [
      [{ HEARTBEAT_STORE: "" }, /--fleet: without --store or HEARTBEAT_STORE there is no store/],
      [{ HEARTBEAT_STORE_KEY_FILE: "/none/store.key" }, /\/none\/store\.key does not exist; make one/],
    ] as const;
    for (const [env, message] of cases) {
      expect(await run(["init"], env)).toEqual(outcome(2, message));
    }
    await chmod(keyFile, 0o644);
    const { code, output } = await run(["init"]);
    expect([code, output]).toEqual([
      2,
      expect.stringMatching(/can be read or written by other users; chmod 600/),
    ]);
  });

  it("takes the password from PGPASSWORD, and does not print it", async () => {
    const { run } = await start();
    const { username, password, host, pathname } = new URL(server.url);
    const store = `postgres://${username}@${host}${pathname}`;
    const { code, output } = await run(["init", "--store", store], { PGPASSWORD: password });
    expect(code, output).toBe(0);
    const wrong = await run(["init", "--store", store], { PGPASSWORD: "wrong-word" });
    expect(wrong).toEqual(outcome(2, /rejects this user.*28P01/));
    expect(wrong.output).not.toContain("wrong-word");
  });

  it("exits with 1 when nothing listens, and with 2 for a user that may not create a schema", async () => {
    const { run } = await start();
    const nowhere = await run(["init"], { HEARTBEAT_STORE: "postgres://u:secret-word@127.0.0.1:1/d" });
    expect(nowhere).toEqual(outcome(1, /nothing listens there/));
    expect(nowhere.output).not.toContain("secret-word");
    await server.query("create role poor login password 'of-the-test'");
    const poor = server.url.replace(/\/\/.*@/, "//poor:of-the-test@");
    expect(await run(["init"], { HEARTBEAT_STORE: poor })).toEqual(
      outcome(2, /may not set up the store.*GRANT CREATE ON DATABASE/),
    );
  });
});

describe("heartbeat store init by a runner's user", () => {
  it("finds that all is there, with the permissions that it prints", async () => {
    const { run, fleet } = await start();
    const { output } = await run(["init"]);
    const grants = output.match(/^ {2}GRANT .*;$/gm) ?? [];
    expect(grants).toHaveLength(2);
    const role = `runner_of_${fleet.replaceAll("-", "_")}`;
    await server.query(`create role ${role} login password 'of-the-test'`);
    for (const grant of grants) await server.query(grant.replace("TO runner", `TO ${role}`));
    const url = server.url.replace(/\/\/.*@/, `//${role}:of-the-test@`);
    expect(await run(["init"], { HEARTBEAT_STORE: url })).toEqual(outcome(0, "is set up already"));
  });
});

describe("a server that may lose what it has acknowledged", () => {
  it("is not set up, and gets no token", async () => {
    const { run, fleet } = await start();
    await server.query("alter system set fsync = off");
    try {
      await server.query("select pg_reload_conf()");
      await expect.poll(() => server.query("show fsync")).toEqual([{ fsync: "off" }]);
      expect(await run(["init"])).toEqual(outcome(2, /fsync=off, and may lose .*set fsync = on/));
      expect(await server.query(`select 1 from pg_namespace where nspname = '${fleet}'`)).toEqual([]);
      expect((await run(["put", A], {}, "tok-of-a-0123456789")).code).toBe(2);
    } finally {
      await server.query("alter system reset fsync");
      await server.query("select pg_reload_conf()");
    }
  });
});

describe("heartbeat store put", () => {
  it("stores the token from standard input, replacing any other", async () => {
    const { run, read } = await start();
    expect(await run(["put", A], {}, "tok-of-a-0123456789")).toEqual(
      outcome(2, "run `heartbeat store init`"),
    );
    await run(["init"]);
    for (const token of ["tok-of-a-0123456789", "tok-of-a-9876543210"]) {
      const { code, output } = await run(["put", A], {}, `${token}\n`);
      expect([code, output]).toEqual([
        0,
        `stored the token tok-… (19 characters) of ${A} for ${PLATFORM_URL}\n`,
      ]);
      expect(await read(A)).toBe(token);
    }
  });

  it("rejects anything that is not a token, without printing it", async () => {
    const { run, read } = await start();
    await run(["init"]);
    for (const [input, message] of [
      ["", /no token on standard input/],
      ["Authorization: Bearer tok-0123456789", /whole Authorization header/],
      // What jq prints for an answer without a token.
      ["null\n", /standard input is a placeholder, not a token/],
      ["/run/secrets/token\n", /standard input is the path of a file: give the token in it/],
      ["tok-****\n", /shortened or masked copy/],
      ["x".repeat(70_000), /too long for a token/],
    ] as const) {
      const { code, output } = await run(["put", A], {}, input);
      expect([code, output]).toEqual([2, expect.stringMatching(message)]);
      expect(output).not.toContain("tok-0123456789");
    }
    expect(await read(A)).toBeNull();
  });

  it("reports a key that is not the store's", async () => {
    const { run, keyFile } = await start();
    await run(["init"]);
    await writeFile(keyFile, newKey());
    expect(await run(["put", A], {}, "tok-of-a-0123456789")).toEqual(
      outcome(2, /use the key file that the store was set up with/),
    );
  });
});

describe("heartbeat store import", () => {
  it("never advises to put an inbound secret as the token, and imports nothing that is no token", async () => {
    const { run, read } = await start();
    await run(["init"]);
    const configs = temporaryDirectory();
    const importing = ["import", "--workspace-id", A, "--configs-dir", configs];
    await writeFile(join(configs, ".auth_token"), "null", { mode: 0o600 });
    expect(await run(importing)).toEqual(outcome(1, /a placeholder, not a token/));
    expect(await read(A)).toBeNull();

    await writeFile(join(configs, ".auth_token"), "tok-of-a-0123456789", { mode: 0o600 });
    await writeFile(join(configs, ".platform_inbound_secret"), "inbound-of-a-0123456789", { mode: 0o600 });
    expect((await run(importing)).code).toBe(0);
    await writeFile(join(configs, ".platform_inbound_secret"), "inbound-of-a-9876543210", { mode: 0o600 });
    const { code, output } = await run(importing);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/inbound secret in .* the next heartbeat replaces it/),
    ]);
    expect(output).not.toContain("store put");
  });

  it("copies the tokens of a list, replaces none, and reports each result", async () => {
    const { run, read, directory } = await start();
    await run(["init"]);
    const configs = temporaryDirectory();
    const file = async (id: string, name: string, text: string) => {
      const of = directoryOf(configs, PLATFORM_URL, id);
      await mkdir(of, { recursive: true, mode: 0o700 });
      await writeFile(join(of, name), text, { mode: 0o600 });
    };
    const tokens = new Map([A, B, C].map((id, index) => [id, `tok-${index}-0123456789`]));
    const tokenOf = (id: string) => tokens.get(id) ?? "";
    for (const [id, token] of tokens) await file(id, ".auth_token", token);
    await file(A, ".platform_inbound_secret", "inbound-of-a-0123456789");
    await run(["put", B], {}, "the-stored-one-of-b");
    await run(["put", C], {}, tokenOf(C));
    const list = join(directory, "list.json");
    await writeFile(list, JSON.stringify([A, B, C, D].map((id) => ({ id }))));
    const importing = ["import", "--workspaces-file", list, "--configs-dir", configs];
    const { code, output } = await run(importing);
    expect(code, output).toBe(1);
    expect(output).toMatch(
      new RegExp(`${B}: the token in .*auth_token differs from the stored one, which stays`),
    );
    expect(output).toContain("4 workspaces: 1 imported, 1 already there, 1 not imported, 1 without a token.");
    for (const token of tokens.values()) expect(output).not.toContain(token);
    expect([await read(A), await read(B), await read(C), await read(D)]).toEqual([
      tokenOf(A),
      "the-stored-one-of-b",
      tokenOf(C),
      null,
    ]);
    await run(["put", B], {}, tokenOf(B));
    expect(await run(importing)).toEqual(outcome(0, "3 already there, 1 without a token."));
  });
});

describe("heartbeat store reseal", () => {
  it("re-encrypts everything with the file's first key, and reports when the others can be removed", async () => {
    const { run, read, key, keyFile } = await start();
    await run(["init"]);
    await run(["put", A], {}, "tok-of-a-0123456789");
    const fresh = newKey();
    await writeFile(keyFile, `${fresh}\n${key}\n`);
    expect(await run(["reseal"])).toEqual(outcome(0, /2 rows encrypted with the first key/));
    expect(await run(["reseal"])).toEqual(outcome(0, /the other keys can be removed/));
    await writeFile(keyFile, `${fresh}\n`);
    expect((await run(["reseal"])).code).toBe(0);
    expect(await read(A, [fresh])).toBe("tok-of-a-0123456789");
  });
});
