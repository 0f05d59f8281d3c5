import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { ConfigError } from "./problems.ts";
import { readStoreFlags, type StoreFlags, storePasswords } from "./store-flags.ts";

const KEY = { storeKeyFile: "/etc/heartbeat/store.key" };
const URL_ONLY = "postgres://heartbeat@db.example/agents";

function problems(flags: StoreFlags, env = {}): readonly string[] {
  try {
    readStoreFlags(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("a store that machines share", () => {
  it("is none by default", () => {
    expect(readStoreFlags({}, {})).toBeNull();
    expect(readStoreFlags({}, { HEARTBEAT_STORE: "  ", HEARTBEAT_STORE_KEY_FILE: "/k" })).toBeNull();
    expect(readStoreFlags({}, Object.create({ HEARTBEAT_STORE: URL_ONLY }))).toBeNull();
  });

  it("is a database, a key file, a fleet and a name for people", () => {
    expect(readStoreFlags({ store: URL_ONLY, ...KEY }, {})).toEqual({
      url: URL_ONLY,
      keyFile: "/etc/heartbeat/store.key",
      fleet: "heartbeat",
      runnerName: hostname(),
    });
  });

  it("may come from the environment, and a flag takes precedence", () => {
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

  it("takes a socket in place of a host", () => {
    const store = "postgres:///agents?host=/run/postgresql";
    expect(readStoreFlags({ store, ...KEY }, {})?.url).toBe(store);
  });

  it.each([
    "postgres://u:secret-word@db.example/agents",
    "postgres://u@db.example/agents?password=secret-word",
  ])("refuses a password in the flag (%#), without repeating it", (store) => {
    const [problem, ...others] = problems({ store, ...KEY });
    expect(problem).toMatch(/PGPASSWORD or PGPASSFILE.*HEARTBEAT_STORE/);
    expect(others).toEqual([]);
    expect(problem).not.toContain("secret-word");
  });

  it.each(["", "db.example", "mysql://db.example/x", "postgres//u:secret-word@h/d"])(
    "names what is no database's URL (%j), without repeating it",
    (store) => {
      const [problem] = problems({ store, ...KEY });
      expect(problem).toMatch(/^--store must be the URL of a PostgreSQL database/);
      expect(problem).not.toContain("secret-word");
    },
  );

  it("needs a key file, and says how to make one", () => {
    expect(problems({ store: URL_ONLY })).toEqual([
      expect.stringMatching(/--store-key-file.*randomBytes\(32\)/),
    ]);
  });

  it.each(["", "1st", "pg_blue", "Blue", 'a"b', "a".repeat(49)])("refuses %j as a fleet", (fleet) => {
    expect(problems({ store: URL_ONLY, ...KEY, fleet })).toEqual([expect.stringMatching(/^--fleet must be/)]);
  });

  it("says everything that is wrong at once", () => {
    expect(problems({ store: "x", fleet: "X", runnerName: "a b" })).toHaveLength(4);
    expect(problems({ store: URL_ONLY, fleet: "X", runnerName: "a b" })).toHaveLength(3);
  });

  it("makes its other flags mistakes where there is none", () => {
    expect(problems({ ...KEY, fleet: "blue" })).toEqual([
      "--store-key-file and --fleet: without --store or HEARTBEAT_STORE there is no store.",
    ]);
  });

  it("has passwords that are not to be printed", () => {
    const env = {
      HEARTBEAT_STORE: "postgres://u:p%40ss-word@h/d?password=other-word",
      PGPASSWORD: "third-word",
    };
    expect(storePasswords({}, env)).toEqual(["p%40ss-word", "p@ss-word", "other-word", "third-word"]);
    expect(storePasswords({ store: URL_ONLY }, {})).toEqual([]);
  });
});
