import { setTimeout } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { Ownership } from "../../src/cluster/ownership.ts";
import { PostgresLeases } from "../../src/cluster/postgres-leases.ts";
import { NO_WORKSPACES } from "./no-workspaces.ts";
import { holdRows, newFleet, testServer } from "./postgres.ts";

const server = testServer();
const timing = { ttlMs: 1_500, renewMs: 300, marginMs: 200 };

it.each([
  ["row of a shard", "shard where shard = 7", 255],
  ["runner's own row", "runner where id = 'a'", 256],
])(
  "of a dead runner, a %s that another session holds keeps no other shard without an owner",
  async (_, held, shards) => {
    const { url } = server;
    const fleet = await newFleet(url);
    const store = new PostgresLeases({ url, fleet, location: "the store" });
    for (const id of ["a", "b"]) {
      await store.join({ id, name: id, listDigest: "" });
      await store.claim(id, 128);
    }
    const session = await holdRows(url, `"${fleet}".${held}`);
    const events: string[] = [];
    const ownership = new Ownership({
      store,
      timing,
      clock: systemClock(),
      ...NO_WORKSPACES,
      name: "survivor",
      onEvent: ({ type }) => void events.push(type),
    });
    const stopping = new AbortController();
    const running = ownership.run(stopping.signal);
    await expect.poll(() => ownership.status().shards.held, { timeout: 10_000 }).toBe(shards);
    expect(events).toContain("runner-evicted");
    // What stays as it is is not announced, which would start the next round at once.
    const evict = vi.spyOn(store, "evict");
    await setTimeout(5 * timing.renewMs);
    expect(evict.mock.calls.length).toBeLessThan(10);
    expect(ownership.status().isStoreUp).toBe(false);
    await session.release();
    await expect.poll(() => ownership.status().shards.held, { timeout: 10_000 }).toBe(256);
    await expect.poll(() => ownership.status().isStoreUp, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => ownership.status().runners).toBe(1);
    stopping.abort();
    await running;
    await store.close();
  },
);
