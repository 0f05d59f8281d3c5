import { AuthError, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";
import { CatchUp } from "./catch-up.ts";
import type { ClusterEvent } from "./cluster-events.ts";

const ref = (workspaceId: string): WorkspaceRef => ({
  platformOrigin: "https://platform.example",
  workspaceId,
});

/** A runner that knows tokens, and a store that may be unreachable. */
function scene() {
  const clock = virtualClock();
  const stopping = new AbortController();
  const own = new Set<string>();
  const calls: string[] = [];
  const events: ClusterEvent[] = [];
  const state = { isDown: false, isSilent: false, waiting: [] as (AbortSignal | undefined)[] };
  const spilled = new Map<string, TokenStorage>();
  const stored = new Map<string, TokenStorage>();
  const store = {
    spilled: async () => new Set(spilled.keys()),
    spill: (each: WorkspaceRef) => spilled.get(refKey(each)) ?? memoryTokenStorage(),
    token: (each: WorkspaceRef) => stored.get(refKey(each)) ?? memoryTokenStorage(),
    async restoreMissing({ signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      if (state.isDown) throw new Error("unreachable");
      if (state.isSilent) return new Promise<number>(() => state.waiting.push(signal));
      calls.push("restore");
      return 0;
    },
    forget: ({ workspaceId }: WorkspaceRef) => void calls.push(`forget ${workspaceId}`),
  };
  const catchUp = new CatchUp({
    clock,
    isOwn: () => (each) => own.has(refKey(each)),
    isElsewhere: () => () => true,
    onEvent: (event) => events.push(event),
  });
  const running = catchUp.run(stopping.signal, store);
  const stop = async () => {
    stopping.abort();
    await clock.advance(0);
    await running;
  };
  return { clock, own, calls, events, state, spilled, stored, catchUp, stop };
}

describe("a workspace that another runner has now", () => {
  it("is forgotten only once what the database lost of it was restored, however long that takes", async () => {
    const { clock, calls, state, catchUp, stop } = scene();
    state.isDown = true;
    catchUp.drained([ref("one"), ref("two")]);
    await clock.advance(60_000);
    expect(calls).toEqual([]);
    state.isDown = false;
    await clock.advance(3_000);
    expect(calls).toEqual(["restore", "forget one", "forget two"]);
    await clock.advance(60_000);
    expect(calls).toHaveLength(3);
    await stop();
  });

  it("is not forgotten if it has come back", async () => {
    const { clock, own, calls, catchUp, stop } = scene();
    catchUp.drained([ref("one"), ref("two")]);
    own.add(refKey(ref("one")));
    await clock.advance(0);
    expect(calls).toEqual(["restore", "forget two"]);
    await stop();
  });
});

describe("tokens that only this machine has", () => {
  const token = "a-token-that-was-spilled";
  const failing = (code?: string): TokenStorage => ({
    ...memoryTokenStorage(),
    read() {
      const cause = code === undefined ? {} : { cause: Object.assign(new Error(code), { code }) };
      throw new AuthError("STORAGE_READ_FAILED", "It cannot be read.", cause);
    },
  });

  it.each([
    ["file cannot be read", failing("EIO"), memoryTokenStorage()],
    ["row is locked", memoryTokenStorage(token), failing("55P03")],
    ["row cannot be opened", memoryTokenStorage(token), failing()],
  ])("are stored although another workspace's %s", async (_, disk, row) => {
    const { clock, calls, events, spilled, stored, catchUp, stop } = scene();
    const own = memoryTokenStorage();
    spilled.set(refKey(ref("broken")), disk).set(refKey(ref("fine")), memoryTokenStorage(token));
    stored.set(refKey(ref("broken")), row).set(refKey(ref("fine")), own);
    catchUp.drained([ref("fine")]);
    await clock.advance(0);
    expect(await own.read()).toBe(token);
    expect(calls).toEqual(["restore", "forget fine"]);
    spilled.delete(refKey(ref("fine")));
    await clock.advance(60_000);
    expect(events).toEqual([{ type: "tokens-caught-up", stored: 1, kept: 0, failed: 1 }]);
    // It is retried.
    const mended = memoryTokenStorage();
    spilled.set(refKey(ref("broken")), memoryTokenStorage(token));
    stored.set(refKey(ref("broken")), mended);
    await clock.advance(3_000);
    expect(await mended.read()).toBe(token);
    await stop();
  });

  it("are reported once as kept, also while what the database lost cannot be restored", async () => {
    const { clock, state, events, spilled, stored, catchUp, stop } = scene();
    spilled.set(refKey(ref("one")), memoryTokenStorage(token));
    stored.set(refKey(ref("one")), memoryTokenStorage("another-token-of-the-same"));
    state.isDown = true;
    catchUp.later();
    await clock.advance(60_000);
    expect(events).toEqual([{ type: "tokens-caught-up", stored: 0, kept: 1, failed: 0 }]);
    await stop();
  });

  it("are stored once, however many ask for it at the same time", async () => {
    const { clock, events, spilled, stored, catchUp, stop } = scene();
    for (const id of ["one", "two"]) {
      spilled.set(refKey(ref(id)), memoryTokenStorage(token));
      stored.set(refKey(ref(id)), memoryTokenStorage());
    }
    await Promise.all([catchUp.now(), catchUp.now(), catchUp.now()]);
    await clock.advance(60_000);
    expect(events).toEqual([{ type: "tokens-caught-up", stored: 2, kept: 0, failed: 0 }]);
    await stop();
  });

  it("wait for a store that cannot be reached", async () => {
    const { clock, calls, events, spilled, stored, catchUp, stop } = scene();
    spilled.set(refKey(ref("one")), memoryTokenStorage(token));
    stored.set(refKey(ref("one")), failing("ECONNREFUSED"));
    catchUp.drained([ref("one")]);
    await clock.advance(60_000);
    expect([calls, events]).toEqual([[], []]);
    await stop();
  });
});

describe("what the database lost a moment before the process ends", () => {
  it("is restored", async () => {
    const { calls, catchUp, stop } = scene();
    await stop();
    calls.length = 0;
    await catchUp.last();
    expect(calls).toEqual(["restore"]);
  });

  it("does not delay the end by more than two seconds", async () => {
    const { clock, state, catchUp, stop } = scene();
    await stop();
    state.isDown = true;
    await catchUp.last();
    state.isDown = false;
    state.isSilent = true;
    const ended = catchUp.last();
    await clock.advance(2_000);
    await ended;
    expect(state.waiting.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
