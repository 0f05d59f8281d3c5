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
  it("are returned oldest first, finished ones only", () => {
    const rows = [row("c"), row("b", { status: "pending" }), row("a", { status: "failed", error: "no" })];
    expect(parseDelegations(rows, "me")).toEqual({
      finished: [
        { id: "a", targetId: "you", status: "failed", summary: "summary of a", response: "", error: "no" },
        { id: "c", targetId: "you", status: "completed", summary: "summary of c", response: "", error: "" },
      ],
      foreign: [],
      count: 3,
    });
  });

  it("of a real platform yield one delegation once, and none while its task waits in an inbox", () => {
    const recorded = answers.filter(
      ({ path, body }) => path === "/workspaces/{{a}}/delegations" && Array.isArray(body),
    );
    const ids = recorded.map(({ body }) => parseDelegations(body, "{{a}}")?.finished.map(({ id }) => id));
    expect(ids).toEqual([[], ["{{c}}"]]);
  });

  it.each([
    ["the target's inbox has it", '{"delivery_mode":"poll","method":"message/send","status":"queued"}'],
    ["the platform keeps it until its target is free", '{"queued":true,"queue_id":"q"}'],
    ["the platform has recorded it", '{"delegation_id": "a"}'],
  ])("that say only that %s are not results, and hide none", (_, response_preview) => {
    const receipt = row("a", { response_preview });
    expect(parseDelegations([receipt], "me")).toEqual({ finished: [], foreign: [], count: 1 });
    const result = row("a", { response_preview: "7", target_id: "" });
    expect(parseDelegations([result, receipt], "me")?.finished).toMatchObject([
      { response: "7", targetId: "you" },
    ]);
    const failed = row("a", { status: "failed", error: "no", response_preview: '{"delegation_id": "a"}' });
    expect(parseDelegations([receipt, failed], "me")?.finished).toMatchObject([
      { error: "no", response: "" },
    ]);
  });

  it.each([
    '{"status":"queued"}',
    '{"delegation_id":"b"}',
    '{"delegation_id":"a","answer":7}',
    "{",
    '{"queued":true}',
  ])("with the preview %s are results", (response_preview) => {
    expect(parseDelegations([row("a", { response_preview })], "me")?.finished).toHaveLength(1);
  });

  it("are at most as many as one response holds", () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => row(String(index)));
    expect(parseDelegations(rows, "me")?.finished).toHaveLength(50);
  });

  it("count once per delegation, and by their own id without a delegation's", () => {
    const rows = [row("a", { response_preview: "newer" }), row("a"), row("b", { delegation_id: undefined })];
    expect(parseDelegations(rows, "me")?.finished.map(({ id, response }) => [id, response])).toEqual([
      ["row-b", ""],
      ["a", "newer"],
    ]);
  });

  it("incident 24: of another source are dropped and reported; received ones are not reported", () => {
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

  it("that are known are skipped", () => {
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

  it("never cause an exception, whatever the platform sent", () => {
    fc.assert(
      fc.property(fc.anything(), (rows) => {
        expect(parseDelegations(rows, "me") === undefined).toBe(!Array.isArray(rows));
      }),
      { numRuns },
    );
  });
});
