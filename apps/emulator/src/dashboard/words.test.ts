import { describe, expect, it } from "vitest";
import { endingText, isFailure, outageText, requestText } from "./words.ts";

describe("how a request ended", () => {
  it.each([
    [{ outcome: "waiting", status: null, latencyMs: null }, "no answer yet", false],
    [{ outcome: "answered", status: 200, latencyMs: 1 }, "answered 200", false],
    [{ outcome: "answered", status: 503, latencyMs: 1 }, "answered 503", true],
    [{ outcome: "reset", status: null, latencyMs: 1 }, "the connection was cut", true],
    [
      { outcome: "lost", status: null, latencyMs: 1 },
      "processed, but the connection was cut before the answer",
      true,
    ],
    [{ outcome: "abandoned", status: null, latencyMs: 250 }, "the client gave up after 250 ms", true],
    [{ outcome: "abandoned", status: null, latencyMs: 10_040 }, "the client gave up after 10.0 s", true],
  ] as const)("%j has its own description", (ending, text, failed) => {
    expect([endingText(ending), isFailure(ending)]).toEqual([text, failed]);
  });
});

describe("an outage", () => {
  it("is described with its scope and remaining count", () => {
    expect(outageText({ kind: "refuse" })).toBe("all requests: the connection is cut");
    expect(
      outageText({ kind: "status", status: 503 }, { paths: ["/registry/heartbeat"], forRequests: 3 }),
    ).toBe("requests to /registry/heartbeat: answered 503, 3 more times");
    expect(outageText({ kind: "hang" }, { forRequests: 1 })).toBe(
      "all requests: never answered, 1 more time",
    );
  });
});

it("a request is shown without the id of its own workspace", () => {
  const text = (path: string) => requestText({ method: "GET", path, workspaceId: "a-1" });
  expect(text("/workspaces/a-1/state")).toBe("GET /workspaces/…/state");
  expect(text("/workspaces/a-1")).toBe("GET /workspaces/…");
  expect(text("/workspaces/a-12/state")).toBe("GET /workspaces/a-12/state");
  expect(text("/registry/register")).toBe("GET /registry/register");
});
