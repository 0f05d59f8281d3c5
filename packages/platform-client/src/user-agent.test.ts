import { afterEach, expect, it, vi } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { userAgentFor } from "./user-agent.ts";

afterEach(() => void vi.unstubAllGlobals());

it("is the product and its version, or the given text", () => {
  expect(userAgentFor()).toBe(`x-platform-client/${manifest.version}`);
  expect(userAgentFor("heartbeat/1.0 (linux)")).toBe("heartbeat/1.0 (linux)");
  for (const text of ["", "a\r\nX: y", "ä", "x".repeat(257), false as unknown as string])
    expect(() => userAgentFor(text)).toThrow(TypeError);
});

it("is left to browsers only", () => {
  for (const [own, expected] of [
    ["Mozilla/5.0 (X11; Linux x86_64)", null],
    ["Node.js/22", "a/1"],
    ["Deno/2.1", "a/1"],
    ["Cloudflare-Workers", "a/1"],
    [undefined, "a/1"],
  ] as const) {
    vi.stubGlobal("navigator", { userAgent: own });
    expect(userAgentFor("a/1")).toBe(expected);
  }
  vi.stubGlobal("navigator", undefined);
  expect(userAgentFor("a/1")).toBe("a/1");
});
