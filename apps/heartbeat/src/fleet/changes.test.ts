import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { planChanges } from "./changes.ts";

const workspace = (id: string, parts: Partial<WorkspaceConfig> = {}): WorkspaceConfig => ({
  id,
  platformUrl: "https://platform.example",
  ownPlatform: false,
  isListed: true,
  ...parts,
});
const nothing = { added: [], removed: [], moved: [], rotated: [] };

describe("a new list of workspaces", () => {
  it("starts new workspaces, ends removed ones, and leaves the others alone", () => {
    const plan = planChanges([workspace("a"), workspace("b")], [workspace("b"), workspace("c")]);
    expect(plan).toEqual({
      changes: { ...nothing, added: ["c"], removed: ["a"] },
      ended: ["a"],
      started: [workspace("c")],
      rotated: [],
    });
  });

  it("ends a workspace at its old platform, and starts it at the new one", () => {
    const moved = workspace("a", { platformUrl: "https://other.example", ownPlatform: true });
    expect(planChanges([workspace("a")], [moved])).toEqual({
      changes: { ...nothing, moved: ["a"] },
      ended: ["a"],
      started: [moved],
      rotated: [],
    });
  });

  it("restarts a workspace that now names the platform itself: its tenant differs", () => {
    const own = workspace("a", { ownPlatform: true });
    expect(planChanges([workspace("a")], [own]).changes).toEqual({ ...nothing, moved: ["a"] });
  });

  it("gives a running workspace its changed token, and keeps a token that is no longer in the list", () => {
    const [first, second] = ["first-token-0123456789", "second-token-0123456789"].map((token) =>
      workspace("a", { token }),
    );
    if (first === undefined || second === undefined) throw new Error("two tokens");
    expect(planChanges([first], [second])).toEqual({
      changes: { ...nothing, rotated: ["a"] },
      ended: [],
      started: [],
      rotated: [second],
    });
    expect(planChanges([first], [workspace("a")]).changes).toEqual(nothing);
  });

  it("leaves exactly its own workspaces, whatever the previous list", () => {
    const list = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("a", "b", "c", "d"),
        platformUrl: fc.constantFrom("https://one.example", "https://two.example"),
        ownPlatform: fc.boolean(),
        isListed: fc.constant(true),
      }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(list, list, (current, wanted) => {
        const { ended, started } = planChanges(current, wanted);
        const kept = current.filter(({ id }) => !ended.includes(id));
        const byId = (one: { id: string }, other: { id: string }) => one.id.localeCompare(other.id);
        expect([...kept, ...started].sort(byId)).toEqual([...wanted].sort(byId));
      }),
    );
  });
});
