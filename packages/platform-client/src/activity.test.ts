import fc from "fast-check";
import { describe, expect, it } from "vitest";
import answers from "../test/support/recorded-answers.json" with { type: "json" };
import { numRuns } from "../test/support/runs.ts";
import { activityQuery, parseActivity } from "./activity.ts";

describe("rows of activity", () => {
  it("of a real platform are parsed completely: sender, method and message", () => {
    const rows = answers.flatMap(({ path, status, body }) =>
      path.includes("/activity") && status === 200 ? (parseActivity(body) ?? []) : [],
    );
    expect(rows.length).toBeGreaterThan(2);
    expect(rows[0]).toMatchObject({
      id: "<uuid>",
      activityType: "a2a_receive",
      method: "message/send",
      sourceId: "{{a}}",
      requestBody: { params: { message: { parts: [{ kind: "text", text: "hi" }] } } },
      responseBody: null,
    });
    expect(rows.map(({ activityType }) => activityType)).toContain("agent_log");
  });

  it("of a person have no sender, and no other row passes as a person's", () => {
    const row = (source_id: unknown) => ({ id: "r", source_id });
    const senders = (source: unknown) => parseActivity([row(source)])?.map(({ sourceId }) => sourceId);
    expect([senders(null), senders(undefined), senders("b")]).toEqual([[null], [null], ["b"]]);
    for (const odd of ["", "x".repeat(257), 7, {}, false]) expect(senders(odd)).toEqual([""]);
  });

  it("without a valid id are skipped; a body that is not a list is undefined", () => {
    expect(parseActivity([{ id: "x".repeat(257) }, {}, null, 1, []])).toEqual([]);
    expect(parseActivity({ rows: [] })).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(parseActivity(body) === undefined).toBe(!Array.isArray(body));
      }),
      { numRuns },
    );
  });

  it("are requested with encoded parameters", () => {
    expect(activityQuery({})).toBe("");
    expect(
      activityQuery({
        type: "a2a_receive",
        sinceId: "a&b",
        sinceSecs: 600,
        peerId: "p",
        source: "agent",
        limit: 5,
      }),
    ).toBe("?type=a2a_receive&since_id=a%26b&since_secs=600&peer_id=p&source=agent&limit=5");
  });
});
