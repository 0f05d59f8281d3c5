import { AuthError } from "@x/auth-core";
import type { PlatformFailure } from "@x/platform-client";
import { describe, expect, it } from "vitest";
import { unreachable } from "../../test/failures.ts";
import { createWorkspaceLog } from "./workspace-log.ts";

const HOUR_MS = 3_600_000;

function setUp() {
  let now = 0;
  const lines: string[] = [];
  const log = createWorkspaceLog({
    clock: { monotonic: () => now },
    platformOf: () => "https://platform.example",
    write: (workspace, { level, code }) => lines.push(`${level} ${workspace} ${code}`),
  });
  const fail = (workspace: string, failure: Partial<PlatformFailure>, count = 1) =>
    log.event(workspace, {
      type: "failed",
      action: "heartbeat",
      failure: { ...unreachable, ...failure },
      count,
      next: "heartbeat",
      wait: "interval",
    });
  return {
    log: log.event,
    authEvent: log.authEvent,
    fail,
    after: (ms: number) => {
      now += ms;
    },
    logged: () => lines.splice(0).filter((line) => !line.startsWith("debug")),
  };
}

const EXPIRED = { code: "CERT_HAS_EXPIRED" };

describe("a permanent failure", () => {
  it("is an error once for a whole platform, and again every hour", () => {
    const { fail, after, logged } = setUp();
    for (let count = 1; count <= 50; count += 1) for (const id of ["a", "b"]) fail(id, EXPIRED, count);
    expect(logged()).toEqual(["error a HEARTBEAT_FAILED:CERT_HAS_EXPIRED"]);
    after(HOUR_MS - 1);
    fail("b", EXPIRED, 51);
    expect(logged()).toEqual([]);
    after(1);
    fail("b", EXPIRED, 52);
    expect(logged()).toEqual(["error b HEARTBEAT_FAILED:CERT_HAS_EXPIRED"]);
  });

  it("is logged again with another cause, and after a recovery", () => {
    const { log, fail, logged } = setUp();
    fail("a", EXPIRED);
    fail("a", { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    log("a", { type: "recovered", failedMs: 1_000 });
    fail("a", EXPIRED);
    expect(logged().filter((line) => line.startsWith("error"))).toHaveLength(3);
  });

  it("specific to a workspace is logged for each workspace", () => {
    const { fail, logged } = setUp();
    const removed = { kind: "not_found", code: "WORKSPACE_REMOVED", status: 410 } as const;
    for (const id of ["a", "b", "a"]) fail(id, removed);
    expect(logged()).toEqual([
      "error a HEARTBEAT_FAILED:WORKSPACE_REMOVED",
      "error b HEARTBEAT_FAILED:WORKSPACE_REMOVED",
    ]);
  });
});

it("a failure is not logged when nothing was sent", () => {
  const { fail, logged } = setUp();
  fail("a", { kind: "circuit_open", code: "CIRCUIT_OPEN" }, 0);
  expect(logged()).toEqual([]);
});

it("a token source that keeps failing is an error once an hour, and again after a registration", () => {
  const { log, authEvent, after, logged } = setUp();
  const fail = (text: string) => {
    const error = new AuthError("STORAGE_READ_FAILED", text);
    authEvent("a", { type: "source-failed", source: "storage", location: "/configs/.auth_token", error });
  };
  for (let read = 0; read < 6; read += 1) fail("it is a directory");
  expect(logged()).toEqual(["error a SOURCE_FAILED"]);
  fail("it cannot be read");
  expect(logged()).toEqual(["error a SOURCE_FAILED"]);
  after(HOUR_MS);
  fail("it is a directory");
  log("a", { type: "registered" });
  fail("it is a directory");
  expect(logged().filter((line) => line.startsWith("error"))).toHaveLength(2);
});
