import { describe, expect, it } from "vitest";
import { ActivityLog } from "./activity.ts";
import { MAX_ACTIVITY_BYTES, MAX_ACTIVITY_ROWS } from "./limits.ts";

function setUp() {
  let dropped = 0;
  const log = new ActivityLog((count) => {
    dropped += count;
  });
  const add = (workspaceId: string, more: { messageId?: string; requestBody?: unknown } = {}) =>
    log.add({ workspaceId, type: "a2a_receive", ...more }, 0);
  return { log, add, dropped: () => dropped };
}

describe("the activity of all workspaces", () => {
  it("is bounded in rows: the oldest is dropped first, regardless of its workspace", () => {
    const { log, add, dropped } = setUp();
    const first = add("quiet");
    for (let n = 1; n < MAX_ACTIVITY_ROWS; n++) add("busy");
    expect([log.of("quiet"), dropped()]).toEqual([[first], 0]);
    add("busy");
    expect([log.of("quiet"), log.of("busy").length, dropped()]).toEqual([[], MAX_ACTIVITY_ROWS, 1]);
  });

  it("is bounded in bytes, and a row above the limit leaves none", () => {
    const { log, add, dropped } = setUp();
    const half = { requestBody: "x".repeat(MAX_ACTIVITY_BYTES / 2) };
    add("a", half);
    add("b");
    add("a", half);
    expect([log.of("a").length, log.of("b").length, dropped()]).toEqual([1, 1, 1]);
    add("a", { requestBody: "x".repeat(MAX_ACTIVITY_BYTES) });
    expect([log.of("a").length, log.of("b").length, dropped()]).toEqual([0, 0, 4]);
  });

  it("has one row per workspace and messageId, until that row is dropped", () => {
    const { log, add } = setUp();
    const message = { messageId: "m" };
    expect([add("a", message), add("a", message), add("b", message)]).toEqual([
      expect.objectContaining({ workspaceId: "a" }),
      undefined,
      expect.objectContaining({ workspaceId: "b" }),
    ]);
    log.forget("a");
    expect([log.of("a"), log.of("b").length]).toEqual([[], 1]);
    expect(add("a", message)).toBeDefined();
    expect(add("b", message)).toBeUndefined();
  });
});
