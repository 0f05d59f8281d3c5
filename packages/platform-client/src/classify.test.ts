import fc from "fast-check";
import { describe, expect, it } from "vitest";
import answers from "../test/support/recorded-answers.json" with { type: "json" };
import { replyWith, tooLong } from "../test/support/reply.ts";
import { numRuns } from "../test/support/runs.ts";
import { advice } from "./advice.ts";
import { classify, noAnswer } from "./classify.ts";
import { classifyMessage } from "./classify-message.ts";

const ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const asked = { workspaceId: ID, secrets: [] };
const of = (...reply: Parameters<typeof replyWith>) => classify(replyWith(...reply), asked);

describe("a response of a real platform", () => {
  it.each(answers)("$scenario: $method $path is $means", ({ path, status, body, means }) => {
    const read = path.endsWith("/a2a") ? classifyMessage : classify;
    const failure = read(replyWith(status, body ?? undefined), { workspaceId: "{{a}}", secrets: [] });
    expect(failure === null ? "ok" : `${failure.kind} ${failure.code}`).toBe(means);
  });
});

describe("a response", () => {
  it("with 2xx is a success, even when empty", () => {
    for (const status of [200, 201, 202, 204]) expect(of(status)).toBeNull();
  });

  it("with 408, 429 or 5xx, 530 included, is retryable, after the time that the platform asks for", () => {
    for (const status of [408, 429, 500, 502, 503, 530]) {
      expect(of(status, {}, { "retry-after": "7" })).toMatchObject({
        kind: "unavailable",
        retryAfterMs: 7000,
      });
    }
    expect(of(429)).toMatchObject({ code: "RATE_LIMITED", sent: "no" });
    expect(of(503)).toMatchObject({ code: "SERVER_ERROR", sent: "maybe" });
    expect(of(408)).toMatchObject({ code: "HTTP_408", sent: "maybe" });
  });

  it("incident 12: of a tenant guard is a routing error, and the advice names the setting", () => {
    const failure = of(400, { code: "TENANT_ORG_HEADER_REQUIRED", error: "missing tenant routing header" });
    expect(failure).toMatchObject({ kind: "routing_error", code: "TENANT_ORG_HEADER_REQUIRED" });
    expect(failure && advice(failure)).toContain("MOLECULE_ORG_ID");
  });

  it("incident 13: with an empty 404 is a routing error; only `workspace not found` and 410 mean deletion", () => {
    const empty = of(404);
    expect(empty).toMatchObject({ kind: "routing_error", code: "EMPTY_NOT_FOUND" });
    expect(empty && advice(empty)).toContain("PLATFORM_URL");
    expect(of(404, { error: "workspace not found" })).toMatchObject({ kind: "not_found" });
    expect(of(410, { error: "workspace removed", id: ID })).toMatchObject({ kind: "not_found" });
    expect(of(410)).toMatchObject({ code: "WORKSPACE_REMOVED" });
    expect(of(410, "<html>Gone</html>")).toMatchObject({ kind: "routing_error", code: "ROUTE_NOT_FOUND" });
  });

  it("with 403 comes from the Origin check if empty, from an edge proxy if a page", () => {
    expect(of(403)).toMatchObject({ kind: "routing_error", code: "ORIGIN_REJECTED" });
    expect(of(403, { error: "no" })).toMatchObject({ kind: "forbidden", code: "FORBIDDEN" });
    const page = of(403, "<html>Request blocked.</html>");
    expect(page).toMatchObject({ kind: "forbidden", code: "EDGE_FORBIDDEN" });
    expect(page && advice(page)).toContain("in front of the platform");
  });

  it("that redirects names its target, and is not followed; one hidden by a browser is still recognized", () => {
    const failure = of(308, undefined, { location: "https://new.example/x" });
    expect(failure).toMatchObject({ kind: "routing_error", code: "REDIRECTED", sent: "no" });
    expect(failure?.redirectOrigin).toBe("https://new.example");
    expect(failure && advice(failure)).toContain("https://new.example");
    expect(failure && advice(failure)).toContain("login page");
    expect(of(307, undefined, { location: "/login" })?.message).toBe("307 to https://p.example");
    expect(of(0)).toMatchObject({ code: "REDIRECTED", message: "redirect to an address that is not shown" });
  });

  it("about another workspace is a failure, whether the platform or a proxy mixed it up", () => {
    const other = { kind: "invalid", code: "RESPONSE_OTHER_WORKSPACE" };
    for (const body of [{ id: "b" }, { workspace_id: "b" }, { connection: { workspace_id: "b" } }]) {
      expect(of(200, body)).toMatchObject({ ...other, sent: "yes" });
    }
    expect(of(410, { id: "b" })).toMatchObject(other);
    expect(of(200, { id: ID.toUpperCase(), workspace_id: 7 })).toBeNull();
    expect(classify(replyWith(200, { id: "b" }), { workspaceId: "", secrets: [] })).toBeNull();
  });

  it("that is too long, or a page, is not a success", () => {
    expect(of(200, "<html>Sign in</html>")).toMatchObject({ code: "RESPONSE_NOT_JSON", sent: "maybe" });
    expect(classify(tooLong(200), asked)).toMatchObject({ code: "RESPONSE_TOO_LONG", sent: "yes" });
    expect(classify(tooLong(401), asked)).toMatchObject({ kind: "unauthorized" });
  });

  it("of a database that rejects the id is not an outage, unless the id is a UUID", () => {
    const rejected = replyWith(500, { error: "registration failed" });
    expect(classify(rejected, { workspaceId: "agent-7", secrets: [] })).toMatchObject({
      kind: "invalid",
      code: "WORKSPACE_ID_NOT_UUID",
    });
    expect(classify(rejected, asked)).toMatchObject({ kind: "unavailable", code: "SERVER_ERROR" });
  });

  it("with another 4xx is not retryable", () => {
    expect(of(418, { error: "short and stout" })).toMatchObject({
      kind: "invalid",
      code: "HTTP_418",
      message: "418 short and stout",
      sent: "no",
    });
    expect(advice({ code: "HTTP_418" })).toBeNull();
    expect(advice({ code: "constructor" })).toBeNull();
  });
});

describe("no response", () => {
  it("names the error's code, or its cause's, and never its message", () => {
    const cause = Object.assign(new Error("Bearer abc"), { code: "ECONNREFUSED" });
    expect(noAnswer(new TypeError("fetch failed", { cause }), [])).toEqual({
      kind: "unavailable",
      code: "ECONNREFUSED",
      status: 0,
      message: "no answer (ECONNREFUSED)",
      retryAfterMs: 0,
      sent: "no",
    });
    expect(noAnswer(Object.assign(new Error("x"), { code: "ECONNRESET" }), [])).toMatchObject({
      sent: "maybe",
    });
    expect(noAnswer({ code: "TIMEOUT" }, [])).toMatchObject({ code: "TIMEOUT", sent: "maybe" });
    expect(noAnswer(Object.assign(new Error("x"), { name: "TimeoutError" }), [])).toMatchObject({
      code: "TIMEOUT",
    });
    for (const error of [null, "ECONNRESET", new Error("Bearer abc"), { code: "lower case" }]) {
      expect(noAnswer(error, [])).toMatchObject({ code: "NETWORK_ERROR" });
    }
  });
});

describe("any response", () => {
  const token = fc.string({ unit: fc.constantFrom(..."QWXZqwxz79_-GHgh"), minLength: 12, maxLength: 60 });
  /** The token as careless servers echo it; the redactor's own tests have all spellings. */
  const echo = fc.constantFrom<(token: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(""),
    (text) => `${"x".repeat(180)}${text}`,
  );
  const anyBody = (text: string) =>
    fc.oneof(
      fc.constant(text),
      fc.constant({ error: text }),
      fc.constant({ error: { message: text }, code: text }),
      fc.constant({ error: `bad ${text}`, code: text, id: text, status: text, retry_after: text }),
      fc.jsonValue().map((value) => ({ error: text, value })),
      fc.anything(),
    );

  it("is classified without throwing, and never shows the token", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        token.chain((text) =>
          echo.chain((how) => fc.tuple(fc.constant(text), anyBody(how(text)), fc.constant(how(text)))),
        ),
        fc.boolean(),
        (status, [secret, body, echoed], isMessage) => {
          const location = `https://${echoed.replace(/[^\w%.-]/g, "")}.example/`;
          const reply = replyWith(status, safely(body), { location, "retry-after": echoed });
          const read = isMessage ? classifyMessage : classify;
          const failure = read(reply, { workspaceId: ID, secrets: [secret] });
          const network = noAnswer({ code: echoed, cause: { code: secret } }, [secret]);
          const said = JSON.stringify([failure, network, failure && advice(failure)]);
          const plain = decode(said)
            .toLowerCase()
            .replace(/[^\x21-\x7e]|\\[rnt]/g, "");
          expect(plain).not.toContain(secret.toLowerCase());
          expect(failure?.message.length ?? 0).toBeLessThanOrEqual(200);
          expect(failure?.message ?? "").not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      { numRuns: numRuns * 4 },
    );
  });

  const decode = (text: string) =>
    text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const safely = (value: unknown): unknown => {
    try {
      return JSON.parse(JSON.stringify(value));
    } catch {
      return {};
    }
  };
});
