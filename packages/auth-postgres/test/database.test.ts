import { describe, expect, it } from "vitest";
import type { PostgresClient } from "../src/client.ts";
import { Database } from "../src/database.ts";

/** A pool whose only connection is free after so many milliseconds. */
function poolAfter(ms: number) {
  const seen = { queries: 0, released: [] as (boolean | undefined)[] };
  const client: PostgresClient = {
    async query() {
      seen.queries += 1;
      return { rows: [{ one: 1 }] };
    },
    release: (destroy) => void seen.released.push(destroy),
    on() {},
  };
  const connect = () => new Promise<PostgresClient>((resolve) => setTimeout(resolve, ms, client));
  return { seen, pool: { connect } };
}

describe("a call that waits for a connection", () => {
  it("gives up after half of its time, and returns the connection unused", async () => {
    const { seen, pool } = poolAfter(300);
    const database = new Database(pool, { timeoutMs: 400, session: "select 1" });
    await expect(database.query("select 1", [], { access: "write" })).rejects.toThrow(
      "no answer within 200 ms",
    );
    await expect.poll(() => seen.released).toEqual([false]);
    expect(seen.queries).toBe(0);
  });

  it("has the rest of it for its statement", async () => {
    const { seen, pool } = poolAfter(50);
    const database = new Database(pool, { timeoutMs: 2_000 });
    expect(await database.query("select 1", [], { access: "read" })).toEqual([{ one: 1 }]);
    expect(seen).toEqual({ queries: 1, released: [false] });
  });
});
