import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sortRows } from "./delegation-rows.ts";

const none = () => false;
const row = (id: string, more: Record<string, unknown> = {}) => ({
  id: `row-${id}`,
  delegation_id: id,
  source_id: "me",
  target_id: "you",
  summary: `summary of ${id}`,
  status: "completed",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});

describe("rows of delegations", () => {
  it("come out oldest first, finished ones only", () => {
    const rows = [row("c"), row("b", { status: "pending" }), row("a", { status: "failed", error: "no" })];
    expect(sortRows(rows, "me", none)).toEqual({
      fresh: [
        { id: "a", targetId: "you", status: "failed", summary: "summary of a", response: "", error: "no" },
        { id: "c", targetId: "you", status: "completed", summary: "summary of c", response: "", error: "" },
      ],
      foreign: [],
    });
  });

  it("are no more than one answer of the platform has", () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => row(String(index)));
    expect(sortRows(rows, "me", none).fresh).toHaveLength(50);
  });

  it("count once when there are two for one delegation, and by their own id without a delegation's", () => {
    const rows = [row("a", { response_preview: "newer" }), row("a"), row("b", { delegation_id: undefined })];
    const { fresh } = sortRows(rows, "me", none);
    expect(fresh.map(({ id, response }) => [id, response])).toEqual([
      ["row-b", ""],
      ["a", "newer"],
    ]);
  });

  it("incident 24: with another workspace as their source are dropped and named", () => {
    const rows = [row("a", { source_id: "somebody" }), row("b", { source_id: "" }), row("c")];
    const { fresh, foreign } = sortRows(rows, "me", none);
    expect(fresh.map(({ id }) => id)).toEqual(["c"]);
    expect(foreign).toEqual(["a", "b"]);
  });

  it("that were seen before are passed over", () => {
    expect(sortRows([row("a"), row("b")], "me", (id) => id === "a").fresh.map(({ id }) => id)).toEqual(["b"]);
  });

  it("are whatever the platform sent: nothing in them makes this throw", () => {
    fc.assert(
      fc.property(fc.anything(), (rows) => {
        expect(sortRows(rows, "me", none).fresh).toEqual(expect.any(Array));
      }),
    );
  });
});
