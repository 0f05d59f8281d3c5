import { describe, expect, it } from "vitest";
import { MAX_REQUEST_BYTES, MAX_WORKSPACE_REQUESTS } from "../limits.ts";
import type { RecordedRequest } from "../recorded-request.ts";
import { RequestLog } from "./request-log.ts";

const request = (path: string, more: Partial<RecordedRequest> = {}): RecordedRequest => ({
  at: 0,
  method: "POST",
  path,
  headers: {},
  body: undefined,
  workspaceId: null,
  status: 200,
  outcome: "answered",
  latencyMs: 1,
  answer: undefined,
  ...more,
});

const pathsOf = (log: RequestLog, id: string) => log.of(id).map(({ record }) => record.path);

describe("the last requests of a workspace", () => {
  it("are 20, regardless of the others' traffic", () => {
    const log = new RequestLog();
    log.add("quiet", request("/quiet"));
    for (let n = 0; n < 5_000; n++) log.add("busy", request(`/${n}`));
    expect(pathsOf(log, "quiet")).toEqual(["/quiet"]);
    expect(log.of("busy")).toHaveLength(MAX_WORKSPACE_REQUESTS);
    expect(pathsOf(log, "busy").at(-1)).toBe("/4999");
  });

  it("appear once, including data filled in later", () => {
    const log = new RequestLog();
    const record = { ...request("/hang"), outcome: "waiting" as RecordedRequest["outcome"] };
    log.add("w", record);
    record.outcome = "abandoned";
    log.add("w", record);
    expect(log.of("w").map((entry) => entry.record.outcome)).toEqual(["abandoned"]);
  });

  it("are fewer if they are large: the oldest of all workspaces are dropped first", () => {
    const log = new RequestLog();
    const body = "x".repeat(MAX_REQUEST_BYTES / 10);
    log.add("first", request("/first", { body }));
    for (let n = 0; n < 12; n++) log.add(`w-${n}`, request("/large", { body }));
    expect([pathsOf(log, "first"), pathsOf(log, "w-0"), pathsOf(log, "w-11")]).toEqual([[], [], ["/large"]]);
  });

  it("are deleted with their workspace", () => {
    const log = new RequestLog();
    log.add("a", request("/a"));
    log.add("b", request("/b"));
    log.forget("a");
    expect([log.of("a"), pathsOf(log, "b")]).toEqual([[], ["/b"]]);
    log.clear();
    expect(log.of("b")).toEqual([]);
  });
});
