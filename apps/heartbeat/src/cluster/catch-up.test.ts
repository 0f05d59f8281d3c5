import { memoryTokenStorage } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import { refKey, type WorkspaceRef } from "../storage/workspace-store.ts";
import { CatchUp } from "./catch-up.ts";

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
  const state = { isDown: false };
  const store = {
    spilled: async () => new Set<string>(),
    spill: () => memoryTokenStorage(),
    token: () => memoryTokenStorage(),
    async restoreMissing() {
      if (state.isDown) throw new Error("unreachable");
      calls.push("restore");
      return 0;
    },
    forget: ({ workspaceId }: WorkspaceRef) => void calls.push(`forget ${workspaceId}`),
  };
  const catchUp = new CatchUp({
    clock,
    isOwn: (each) => own.has(refKey(each)),
    isElsewhere: () => () => false,
    onEvent() {},
  });
  const running = catchUp.run(stopping.signal, store);
  const stop = async () => {
    stopping.abort();
    await clock.advance(0);
    await running;
  };
  return { clock, own, calls, state, catchUp, stop };
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
