import { describe, expect, it } from "vitest";
import { advice, classify, type Reply, statusIn } from "./reply.ts";

const reply = (status: number, body: Record<string, unknown> = {}, rest: Partial<Reply> = {}): Reply => ({
  status,
  body,
  empty: Object.keys(body).length === 0,
  retryAfterMs: 0,
  ...rest,
});
const kind = (value: Reply) => classify(value).kind;

describe("a reply", () => {
  it("with 2xx is accepted, a queued message (202) included", () => {
    expect([200, 201, 202, 204].map((status) => kind(reply(status)))).toEqual(Array(4).fill("accepted"));
  });

  it("with 401 is never taken for a success, nor an answer that did not come", () => {
    expect(kind(reply(401, { error: "invalid workspace auth token" }))).toBe("unauthorized");
    expect(classify(reply(0, {}, { failure: "ECONNREFUSED" }))).toEqual({
      kind: "unavailable",
      why: "ECONNREFUSED",
      retryAfterMs: 0,
    });
  });

  it("with 429 or 5xx, 530 included, is worth another try, as late as the platform asks", () => {
    for (const status of [429, 500, 502, 503, 530]) expect(kind(reply(status))).toBe("unavailable");
    expect(classify(reply(429, {}, { retryAfterMs: 7000 }))).toMatchObject({ retryAfterMs: 7000 });
  });

  it("incident 12: of a tenant guard is a matter of routing, and names the variable to set", () => {
    const outcome = classify(
      reply(400, { code: "TENANT_ORG_HEADER_REQUIRED", error: "tenant header required" }),
    );
    expect(outcome.kind).toBe("routing_error");
    expect(advice(outcome)).toContain("MOLECULE_ORG_ID");
  });

  it("incident 13: an empty 404 is a matter of routing, `workspace not found` and 410 are a deletion", () => {
    expect(kind(reply(404))).toBe("routing_error");
    expect(advice(classify(reply(404)))).toContain("PLATFORM_URL");
    expect(kind(reply(404, { error: "workspace not found" }))).toBe("not_found");
    expect(kind(reply(410, { error: "workspace removed" }))).toBe("not_found");
    expect(advice(classify(reply(410)))).toContain("create it again");
  });

  it("of an Origin check (403 without a body) is a matter of routing, a 403 with a reason a refusal", () => {
    expect(advice(classify(reply(403)))).toContain("Origin");
    expect(kind(reply(403, { error: "forbidden" }))).toBe("unauthorized");
  });

  it("that redirects says where to, and that it was not followed", () => {
    const outcome = classify(reply(308, {}, { redirectedTo: "https://new.example" }));
    expect(advice(outcome)).toContain("https://new.example");
  });

  it("about another workspace is none, whoever mixed it up", () => {
    const asked = { workspaceId: "agent-7" };
    for (const body of [
      { id: "agent-8" },
      { workspace_id: "agent-8" },
      { id: "agent-7", workspace_id: "b" },
    ]) {
      expect(classify(reply(200, body), asked)).toEqual({
        kind: "invalid",
        status: 200,
        why: "200 about another workspace",
      });
    }
    expect(kind(reply(200, { id: "agent-8" }))).toBe("accepted");
    expect(classify(reply(200, { id: "AGENT-7", workspace_id: 7 }), asked).kind).toBe("accepted");
    expect(classify(reply(410, { id: "agent-8" }), asked).kind).toBe("invalid");
    expect(classify(reply(410, { id: "agent-7" }), asked).kind).toBe("not_found");
  });

  it("that is longer than any answer, or a page instead of one, is not accepted, and says why", () => {
    for (const unusable of ["too long to be one", "no JSON"] as const) {
      expect(classify(reply(200, {}, { unusable, empty: false }))).toEqual({
        kind: "invalid",
        status: 200,
        why: `200 with an answer that is ${unusable}`,
      });
      expect(kind(reply(401, {}, { unusable, empty: false }))).toBe("unauthorized");
      expect(kind(reply(530, {}, { unusable, empty: false }))).toBe("unavailable");
    }
  });

  it("that repeats the token, or controls the terminal, is reported without", () => {
    const token = "toke-s3cr3t-that-nobody-may-see";
    const error = `no such token: ${token} \u001b[2J\r\nX: ${"y".repeat(70)}${token}`;
    const outcome = classify(reply(400, { error }), { token });
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
    expect(classify(reply(400, { error: "invalid request body" }))).toEqual({
      kind: "invalid",
      status: 400,
      why: "400 invalid request body",
    });
    expect(advice(classify(reply(400)))).toBeNull();
  });
});
