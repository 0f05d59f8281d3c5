import fc from "fast-check";
import { describe, expect, it } from "vitest";
import answers from "../test/support/recorded-answers.json" with { type: "json" };
import { numRuns } from "../test/support/runs.ts";
import { parseDelegations } from "./delegations.ts";

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
    expect(parseDelegations(rows, "me")).toEqual({
      finished: [
        { id: "a", targetId: "you", status: "failed", summary: "summary of a", response: "", error: "no" },
        { id: "c", targetId: "you", status: "completed", summary: "summary of c", response: "", error: "" },
      ],
      foreign: [],
    });
  });

  it("as a real platform gave them are one delegation, once", () => {
    const recorded = answers.filter(
      ({ path, body }) => path === "/workspaces/{{a}}/delegations" && Array.isArray(body),
    );
    const ids = recorded.map(({ body }) => parseDelegations(body, "{{a}}")?.finished.map(({ id }) => id));
    expect(ids).toEqual([["{{d}}"], ["{{c}}"]]);
  });

  it("are no more than one answer of the platform has", () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => row(String(index)));
    expect(parseDelegations(rows, "me")?.finished).toHaveLength(50);
  });

  it("count once when there are two for one delegation, and by their own id without a delegation's", () => {
    const rows = [row("a", { response_preview: "newer" }), row("a"), row("b", { delegation_id: undefined })];
    expect(parseDelegations(rows, "me")?.finished.map(({ id, response }) => [id, response])).toEqual([
      ["row-b", ""],
      ["a", "newer"],
    ]);
  });

  it("incident 24: of a foreign source are dropped and named; received ones are nothing to name", () => {
    const rows = [
      row("a", { source_id: "stranger" }),
      row("b", { source_id: "" }),
      row("c", { source_id: "ME" }),
      row("d", { source_id: "peer", direction: "received" }),
    ];
    const { finished, foreign } = parseDelegations(rows, "me") ?? {};
    expect(finished?.map(({ id }) => id)).toEqual(["c"]);
    expect(foreign).toEqual(["a", "b"]);
  });

  it("that are known are passed over", () => {
    const sorted = parseDelegations([row("a"), row("b")], "me", { isKnown: (id) => id === "a" });
    expect(sorted?.finished.map(({ id }) => id)).toEqual(["b"]);
  });

  it("with an id of more than 256 characters are dropped, and texts are bounded in bytes", () => {
    const long = "ü".repeat(1_000_000);
    const rows = [
      row(long),
      row(long, { source_id: "x" }),
      row("a", { summary: long, response_preview: long, error: long }),
    ];
    const { finished = [], foreign } = parseDelegations(rows, "me") ?? {};
    expect([finished.map(({ id }) => id), foreign]).toEqual([["a"], []]);
    const bytes = (text = "") => new TextEncoder().encode(text).length;
    const [only] = finished;
    expect([bytes(only?.summary), bytes(only?.response), bytes(only?.error)]).toEqual([4096, 65_536, 16_384]);
  });

  it("are whatever the platform sent: nothing in them makes this throw", () => {
    fc.assert(
      fc.property(fc.anything(), (rows) => {
        expect(parseDelegations(rows, "me") === undefined).toBe(!Array.isArray(rows));
      }),
      { numRuns },
    );
  });
});
