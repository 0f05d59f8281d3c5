import { describe, expect, it } from "vitest";
import { advice, judge, type Reply, statusIn } from "./reply.ts";

const reply = (status: number, body: Record<string, unknown> = {}, rest: Partial<Reply> = {}): Reply => ({
  status,
  body,
  empty: Object.keys(body).length === 0,
  retryAfterMs: 0,
  ...rest,
});
const kind = (value: Reply) => judge(value).kind;

describe("a reply", () => {
  it("with 2xx is accepted, a queued message (202) included", () => {
    expect([200, 201, 202, 204].map((status) => kind(reply(status)))).toEqual(Array(4).fill("accepted"));
  });

  it("with 401 is never taken for a success, nor an answer that did not come", () => {
    expect(kind(reply(401, { error: "invalid workspace auth token" }))).toBe("refused");
    expect(judge(reply(0, {}, { failure: "ECONNREFUSED" }))).toEqual({
      kind: "unavailable",
      why: "ECONNREFUSED",
      retryAfterMs: 0,
    });
  });

  it("with 429 or 5xx, 530 included, is worth another try, as late as the platform asks", () => {
    for (const status of [429, 500, 502, 503, 530]) expect(kind(reply(status))).toBe("unavailable");
    expect(judge(reply(429, {}, { retryAfterMs: 7000 }))).toMatchObject({ retryAfterMs: 7000 });
  });

  it("incident 12: of a tenant guard is a matter of routing, and names the variable to set", () => {
    const outcome = judge(
      reply(400, { code: "TENANT_ORG_HEADER_REQUIRED", error: "tenant header required" }),
    );
    expect(outcome.kind).toBe("misrouted");
    expect(advice(outcome)).toContain("MOLECULE_ORG_ID");
  });

  it("incident 13: an empty 404 is a matter of routing, `workspace not found` and 410 are a deletion", () => {
    expect(kind(reply(404))).toBe("misrouted");
    expect(advice(judge(reply(404)))).toContain("PLATFORM_URL");
    expect(kind(reply(404, { error: "workspace not found" }))).toBe("gone");
    expect(kind(reply(410, { error: "workspace removed" }))).toBe("gone");
    expect(advice(judge(reply(410)))).toContain("create it again");
  });

  it("of an Origin check (403 without a body) is a matter of routing, a 403 with a reason a refusal", () => {
    expect(advice(judge(reply(403)))).toContain("Origin");
    expect(kind(reply(403, { error: "forbidden" }))).toBe("refused");
  });

  it("that redirects says where to, and that it was not followed", () => {
    const outcome = judge(reply(308, {}, { redirectedTo: "https://new.example" }));
    expect(advice(outcome)).toContain("https://new.example");
  });

  it("about another workspace is none, whoever mixed it up", () => {
    const asked = { workspaceId: "agent-7" };
    for (const body of [
      { id: "agent-8" },
      { workspace_id: "agent-8" },
      { id: "agent-7", workspace_id: "b" },
    ]) {
      expect(judge(reply(200, body), asked)).toEqual({
        kind: "invalid",
        status: 200,
        why: "200 about another workspace",
      });
    }
    expect(kind(reply(200, { id: "agent-8" }))).toBe("accepted");
    expect(judge(reply(200, { id: "AGENT-7", workspace_id: 7 }), asked).kind).toBe("accepted");
    expect(judge(reply(410, { id: "agent-8" }), asked).kind).toBe("invalid");
    expect(judge(reply(410, { id: "agent-7" }), asked).kind).toBe("gone");
  });

  it("that is longer than any answer, or a page instead of one, is not accepted, and says why", () => {
    for (const unusable of ["too long to be one", "no JSON"] as const) {
      expect(judge(reply(200, {}, { unusable, empty: false }))).toEqual({
        kind: "invalid",
        status: 200,
        why: `200 with an answer that is ${unusable}`,
      });
      expect(kind(reply(401, {}, { unusable, empty: false }))).toBe("refused");
      expect(kind(reply(530, {}, { unusable, empty: false }))).toBe("unavailable");
    }
  });

  it("that repeats the token, or talks to terminals, is told without", () => {
    const token = "toke-s3cr3t-that-nobody-may-see";
    const error = `no such token: ${token} \u001b[2J\r\nX: ${"y".repeat(70)}${token}`;
    const outcome = judge(reply(400, { error }), { token });
    expect(outcome).toMatchObject({ why: expect.stringContaining("no such token: toke…") });
    expect(JSON.stringify(outcome)).not.toContain(token.slice(0, 8));
    expect(JSON.stringify(outcome)).not.toMatch(/\\u00|\\[rn]/);
  });

  it("names the status of a workspace with one word, or not at all", () => {
    expect(statusIn(reply(200, { status: "awaiting_agent" }))).toBe("awaiting_agent");
    for (const status of ["", "a b", "\u001b[2J", "x".repeat(33), 1, null]) {
      expect(statusIn(reply(200, { status }))).toBeNull();
    }
  });

  it("with any other 4xx would fare no better a second time", () => {
    expect(judge(reply(400, { error: "invalid request body" }))).toEqual({
      kind: "invalid",
      status: 400,
      why: "400 invalid request body",
    });
    expect(advice(judge(reply(400)))).toBeNull();
  });
});
