import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cluster } from "../../src/cluster/cluster.ts";
import { Ownership } from "../../src/cluster/ownership.ts";
import { refKey, type WorkspaceRef } from "../../src/storage/workspace-store.ts";
import { runs } from "../support/runs.ts";
import { LeaseServer } from "./lease-server.ts";
import { Machine, World } from "./machines.ts";
import { NO_WORKSPACES } from "./no-workspaces.ts";
import { movesProperty, outageProperty, ownershipProperty } from "./ownership.property.ts";
import * as product from "./product.ts";

const NO_CHANGES = { added: [], removed: [], moved: [], rotated: [] };

describe("runners with clocks of unequal rates, pauses, a slow network and a failing store", {
  timeout: 120_000,
}, () => {
  it("never let two register one workspace, and share all workspaces once the faults end", async () => {
    await fc.assert(ownershipProperty(product), runs(60));
  });

  it("keep their shards through an outage of the store", async () => {
    await fc.assert(outageProperty(product), runs(15));
  });

  it("move hardly more than a runner gets that joins", async () => {
    await fc.assert(movesProperty(product), runs(12));
  });
});

it("a store that renews the lease and rejects the rest is reported once, and once more when it works", async () => {
  const world = new World();
  const machine = new Machine(world, { rate: 1, offset: 0 });
  const leases = new LeaseServer(world).connect(machine, () => ({ thereMs: 1, backMs: 1, lost: "no" }));
  let isLocked = true;
  const events: string[] = [];
  const ownership = new Ownership({
    store: {
      ...leases,
      claim: (id, count) =>
        isLocked ? Promise.reject(new Error("the rows are locked")) : leases.claim(id, count),
    },
    clock: machine.clock,
    ...NO_WORKSPACES,
    name: "one",
    onEvent: ({ type }) => void events.push(type),
  });
  const stopping = new AbortController();
  const running = ownership.run(stopping.signal);
  await world.advance(30_000);
  expect(events).toEqual(["joined", "store-unreachable"]);
  expect(ownership.status().isStoreUp).toBe(false);
  isLocked = false;
  await world.advance(5_000);
  expect(events.slice(2)).toEqual(["shards-gained", "store-reachable"]);
  stopping.abort();
  await world.advance(1_000);
  await running;
});

const listed = (id: string) => ({
  id,
  platformUrl: "https://platform.example",
  ownPlatform: false,
  isListed: true,
});

/** A runner with this list, on a separate machine, whose workspaces need nothing. */
function startRunner(
  world: World,
  server: LeaseServer,
  name: string,
  { ids, store = {}, signal }: { ids: readonly string[]; store?: object; signal: AbortSignal },
) {
  const machine = new Machine(world, { rate: 1, offset: 0 });
  const cluster = new Cluster({
    leases: server.connect(machine, () => ({ thereMs: 1, backMs: 1, lost: "no" })),
    clock: machine.clock,
    random: () => 0.5,
    name,
    requestTimeoutMs: 10_000,
    onEvent() {},
  });
  void cluster.apply(ids.map(listed));
  const running = cluster.run(signal, {
    fleet: { apply: async () => NO_CHANGES, remove: async () => {}, isBegun: () => true },
    store: {
      restoreMissing: async () => 0,
      forget() {},
      spilled: async () => new Set<string>(),
      spill: () => memoryTokenStorage(),
      token: () => memoryTokenStorage(),
      ...store,
    },
  });
  return { cluster, machine, running };
}

describe("what a runner says of the others", () => {
  it("is who has each workspace of the list that it does not have, and which shards none has", async () => {
    const world = new World();
    const ids = Array.from({ length: 40 }, (_, index) => `agent-${index}`);
    const server = new LeaseServer(world);
    const stopping = new AbortController();
    const one = startRunner(world, server, "one", { ids, signal: stopping.signal });
    const two = startRunner(world, server, "two", { ids, signal: stopping.signal });
    await world.advance(30_000);
    const elsewhere = ({ cluster }: typeof one) =>
      cluster.elsewhere().map(({ workspace: { id }, owner }) => [id, owner]);
    expect(one.cluster.runners()).toEqual(["one", "two"]);
    expect([...elsewhere(one), ...elsewhere(two)].map(([id]) => id).sort()).toEqual([...ids].sort());
    expect(new Set(elsewhere(one).map(([, owner]) => owner))).toEqual(new Set(["two"]));
    expect(one.cluster.status().unowned).toBe(0);

    two.machine.isDead = true;
    await world.advance(30_000);
    expect(one.cluster.runners()).toEqual(["one"]);
    expect(elsewhere(one)).toEqual([]);
    expect(one.cluster.status().unowned).toBe(0);
    stopping.abort();
    await world.advance(10_000);
  });
});

describe("a token that was spilled on a runner's machine", () => {
  it("is offered to the store only if its workspace is on the list: another fleet may use the directory", async () => {
    const world = new World();
    const refs = ["ours", "theirs"].map((workspaceId) => ({
      platformOrigin: "https://platform.example",
      workspaceId,
    }));
    const [spilled, stored] = [new Map<string, TokenStorage>(), new Map<string, TokenStorage>()];
    for (const ref of refs) {
      spilled.set(ref.workspaceId, memoryTokenStorage());
      stored.set(ref.workspaceId, memoryTokenStorage());
      await spilled.get(ref.workspaceId)?.write(`a-token-of-${ref.workspaceId}-0001`);
    }
    const place = (places: typeof stored) => (ref: WorkspaceRef) =>
      places.get(ref.workspaceId) ?? memoryTokenStorage();
    const stopping = new AbortController();
    const { running } = startRunner(world, new LeaseServer(world), "one", {
      ids: ["ours"],
      store: {
        spilled: async () => new Set(refs.map(refKey)),
        spill: place(spilled),
        token: place(stored),
      },
      signal: stopping.signal,
    });
    await world.advance(5_000);
    stopping.abort();
    await world.advance(10_000);
    await running;
    expect(await stored.get("theirs")?.read()).toBeNull();
    expect(await spilled.get("theirs")?.read()).toBe("a-token-of-theirs-0001");
    expect(await stored.get("ours")?.read()).toBe("a-token-of-ours-0001");
  });
});

describe("a workspace that is taken off the list", () => {
  it("is forgotten once ten thousand others were taken off after it, unless it has come back", async () => {
    const world = new World();
    const stopping = new AbortController();
    const forgotten: string[] = [];
    const { cluster, running } = startRunner(world, new LeaseServer(world), "one", {
      ids: ["back", "gone"],
      store: { forget: ({ workspaceId }: WorkspaceRef) => void forgotten.push(workspaceId) },
      signal: stopping.signal,
    });
    await world.advance(5_000);
    await cluster.apply(Array.from({ length: 9_999 }, (_, index) => listed(`agent-${index}`)));
    await cluster.apply([listed("back")]);
    await world.advance(5_000);
    expect(forgotten).toEqual([]);
    await cluster.apply([]);
    await world.advance(5_000);
    expect(forgotten).toEqual(["gone"]);
    stopping.abort();
    await world.advance(10_000);
    await running;
  });
});
