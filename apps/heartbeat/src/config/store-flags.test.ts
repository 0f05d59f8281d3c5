import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { problemsOf } from "../../test/support/problems.ts";
import { readStoreFlags, type StoreFlags, storePasswords } from "./store-flags.ts";

const KEY = { storeKeyFile: "/etc/heartbeat/store.key" };
const URL_ONLY = "postgres://heartbeat@db.example/agents";

const problems = (flags: StoreFlags, env = {}) => problemsOf(() => readStoreFlags(flags, env));

describe("a shared store", () => {
  it("is none by default", () => {
    expect(readStoreFlags({}, {})).toBeNull();
    expect(readStoreFlags({}, { HEARTBEAT_STORE: "  ", HEARTBEAT_STORE_KEY_FILE: "/k" })).toBeNull();
    expect(readStoreFlags({}, Object.create({ HEARTBEAT_STORE: URL_ONLY }))).toBeNull();
  });

  it("has a database, a key file, a fleet and a display name", () => {
    expect(readStoreFlags({ store: URL_ONLY, ...KEY }, {})).toEqual({
      url: URL_ONLY,
      keyFile: "/etc/heartbeat/store.key",
      fleet: "heartbeat",
      runnerName: hostname(),
    });
  });

  it("may come from the environment; a flag takes precedence", () => {
    const env = {
      HEARTBEAT_STORE: "postgresql://u:secret-word@db.example/agents",
      HEARTBEAT_STORE_KEY_FILE: "~/store.key",
      HOME: "/home/seven",
    };
    expect(readStoreFlags({}, env)).toMatchObject({
      url: env.HEARTBEAT_STORE,
      keyFile: "/home/seven/store.key",
    });
    expect(readStoreFlags({ store: URL_ONLY, ...KEY, fleet: "blue", runnerName: "a1" }, env)).toEqual({
      url: URL_ONLY,
      keyFile: "/etc/heartbeat/store.key",
      fleet: "blue",
      runnerName: "a1",
    });
  });

  it("accepts a socket instead of a host", () => {
    const store = "postgres:///agents?host=/run/postgresql";
    expect(readStoreFlags({ store, ...KEY }, {})?.url).toBe(store);
    const env = { HEARTBEAT_STORE: "postgres://u:secret-word@/agents?host=/run/postgresql" };
    expect(readStoreFlags(KEY, env)?.url).toBe(
      "postgres://u:secret-word@localhost/agents?host=/run/postgresql",
    );
    expect(storePasswords({}, env)).toEqual(["secret-word"]);
  });

  it.each([
    "postgres://u:secret-word@db.example/agents",
    "postgres://u@db.example/agents?password=secret-word",
  ])("rejects a password in the flag (%#) without printing it", async (store) => {
    const [problem, ...others] = await problems({ store, ...KEY });
    expect(problem).toMatch(/PGPASSWORD or PGPASSFILE.*HEARTBEAT_STORE/);
    expect(others).toEqual([]);
    expect(problem).not.toContain("secret-word");
  });

  it.each([
    ["a slash", "postgres://u:12/secret-word@db.example/agents"],
    ["a hash", "postgres://u:12#secret-word@db.example/agents"],
    ["a question mark", "postgres://u:12?secret-word@db.example/agents"],
    ["an at sign and a slash", "postgres://u:12@/secret-word@db.example/agents"],
    ["a slash after letters", "postgres://u:ab/secret-word@db.example/agents"],
  ])("rejects a password with %s in it without printing it, and says how to write it", async (_, url) => {
    const [problem] = await problems(KEY, { HEARTBEAT_STORE: url });
    expect(problem).toMatch(
      /^HEARTBEAT_STORE must be the URL .* Percent-encode special characters in a user name or a password\.$/,
    );
    expect(problem).not.toContain("secret-word");
  });

  it.each(["", "db.example", "mysql://db.example/x", "postgres//u:secret-word@h/d"])(
    "rejects what is not a database URL (%j) without printing it",
    async (store) => {
      const [problem] = await problems({ store, ...KEY });
      expect(problem).toMatch(/^--store must be the URL of a PostgreSQL database/);
      expect(problem).not.toContain("secret-word");
    },
  );

  it("needs a key file, and says how to make one", async () => {
    expect(await problems({ store: URL_ONLY })).toEqual([
      expect.stringMatching(/--store-key-file.*randomBytes\(32\)/),
    ]);
  });

  it.each(["", "1st", "pg_blue", "Blue", 'a"b', "a".repeat(49)])("rejects %j as a fleet", async (fleet) => {
    expect(await problems({ store: URL_ONLY, ...KEY, fleet })).toEqual([
      expect.stringMatching(/^--fleet must be/),
    ]);
  });

  it("reports all problems at once", async () => {
    expect(await problems({ store: "x", fleet: "X", runnerName: "a b" })).toHaveLength(4);
    expect(await problems({ store: URL_ONLY, fleet: "X", runnerName: "a b" })).toHaveLength(3);
  });

  it("reports its other flags as mistakes when there is no store", async () => {
    expect(await problems({ ...KEY, fleet: "blue" })).toEqual([
      "--store-key-file and --fleet: without --store or HEARTBEAT_STORE there is no store.",
    ]);
  });

  it("has passwords that must not be printed", () => {
    const env = {
      HEARTBEAT_STORE: "postgres://u:p%40ss-word@h/d?password=other-word",
      PGPASSWORD: "third-word",
    };
    expect(storePasswords({}, env)).toEqual(["p%40ss-word", "p@ss-word", "other-word", "third-word"]);
    expect(storePasswords({ store: URL_ONLY }, {})).toEqual([]);
  });
});
