import { describe, expect, it } from "vitest";
import { replyWith } from "../test/support/reply.ts";
import { systemClock } from "./clock.ts";

const retryAfter = (header: string, body: unknown = {}) =>
  replyWith(429, body, { "retry-after": header }).retryAfterMs;

describe("Retry-After", () => {
  it("is a number of seconds or a date, and at most one hour", () => {
    expect(retryAfter("7")).toBe(7_000);
    expect(retryAfter(" 7 ")).toBe(7_000);
    expect(retryAfter("Thu, 01 Jan 2026 00:00:30 GMT")).toBe(30_000);
    expect(retryAfter("Wed, 31 Dec 2025 23:00:00 GMT")).toBe(0);
    expect(retryAfter("99999999999999999999")).toBe(3_600_000);
    expect(retryAfter("Sun, 01 Jan 2090 00:00:00 GMT")).toBe(3_600_000);
    for (const nothing of ["", "soon", "-5", "1.5", "0"]) expect(retryAfter(nothing)).toBe(0);
  });

  it("is a date on the server's clock if the answer states that, however wrong this machine's is", () => {
    const at = (time: string, date: string, age = "") =>
      replyWith(503, {}, { "retry-after": `Thu, 01 Jan 2026 ${time} GMT`, date, age }).retryAfterMs;
    expect(at("05:00:10", "Thu, 01 Jan 2026 05:00:00 GMT")).toBe(10_000);
    expect(at("00:00:30", "Wed, 31 Dec 2025 23:59:50 GMT")).toBe(40_000);
    expect(at("05:00:40", "Thu, 01 Jan 2026 05:00:00 GMT", "30")).toBe(10_000);
    expect(at("00:00:30", "today")).toBe(30_000);
  });

  it("is compared with the runtime's clock by default", () => {
    expect(systemClock.wall()).toBeCloseTo(Date.now(), -3);
  });

  it("is the longest of several headers, which `Headers` joins with commas", () => {
    expect(retryAfter("5, 10")).toBe(10_000);
    expect(retryAfter("10,5, 2")).toBe(10_000);
    const headers = new Headers([
      ["Retry-After", "30"],
      ["Retry-After", "5"],
    ]);
    expect(retryAfter(headers.get("retry-after") ?? "")).toBe(30_000);
  });

  it("is the body's `retry_after` without a header, or with one that says nothing", () => {
    for (const nothing of ["soon", "-5", "1.5", ""]) {
      expect(retryAfter(nothing, { retry_after: 5 })).toBe(5_000);
    }
    expect(retryAfter("0", { retry_after: 5 })).toBe(0);
    expect(replyWith(503, { waking: true, retry_after: 5 }).retryAfterMs).toBe(5_000);
    expect(retryAfter("2", { retry_after: 5 })).toBe(2_000);
    for (const odd of [-1, "5", null, 1e300]) {
      expect(replyWith(503, { retry_after: odd }).retryAfterMs).toBeLessThanOrEqual(3_600_000);
    }
    expect(replyWith(503, { retry_after: -1 }).retryAfterMs).toBe(0);
  });

  it("of a success is ignored", () => {
    expect(replyWith(200, { retry_after: 5 }, { "retry-after": "5" }).retryAfterMs).toBe(0);
  });
});

describe("the rate limit", () => {
  const limits = (limit: string, remaining: string, reset: string) =>
    replyWith(
      200,
      {},
      { "x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset },
    ).rateLimit;

  it("is read from its headers, the reset as seconds from now or since 1970", () => {
    expect(limits("600", "599", "42")).toEqual({ limit: 600, remaining: 599, resetAfterMs: 42_000 });
    const at = String(Date.parse("2026-01-01T00:00:42Z") / 1000);
    expect(limits("600", "0", at)).toEqual({ limit: 600, remaining: 0, resetAfterMs: 42_000 });
    const date = "Thu, 01 Jan 2026 00:00:40 GMT";
    const headers = { "x-ratelimit-limit": "600", "x-ratelimit-remaining": "1", "x-ratelimit-reset": at };
    expect(replyWith(200, {}, { ...headers, date }).rateLimit).toMatchObject({ resetAfterMs: 2_000 });
  });

  it("is unknown without them, or if they are not numbers", () => {
    expect(replyWith(200, {}).rateLimit).toBeUndefined();
    expect(limits("many", "1", "1")).toBeUndefined();
    expect(limits("600", "-1", "x")).toEqual({ limit: 600, remaining: 0, resetAfterMs: 0 });
  });
});

it("a byte order mark before the JSON is ignored", () => {
  expect(replyWith(200, '\ufeff{"auth_token":"x"}')).toMatchObject({
    shape: "json",
    body: { auth_token: "x" },
  });
  expect(replyWith(200, '\ufeff\ufeff{"auth_token":"x"}').shape).toBe("not-json");
});
