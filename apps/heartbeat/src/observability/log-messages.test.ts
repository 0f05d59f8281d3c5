import type { PlatformFailure } from "@x/platform-client";
import { describe, expect, it } from "vitest";
import { failure, notStorable, unauthorized, unreachable } from "../../test/failures.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { clusterMessage } from "./cluster-messages.ts";
import { logMessage } from "./log-messages.ts";

const failed = (parts: Partial<Extract<WorkspaceEvent, { type: "failed" }>>): WorkspaceEvent => ({
  type: "failed",
  action: "heartbeat",
  failure: unauthorized,
  count: 1,
  next: "heartbeat",
  wait: "interval",
  ...parts,
});

const unsaved = (
  spilledTo: string | null,
  cause: "STORAGE_WRITE_FAILED" | "STORAGE_CONFLICT" = "STORAGE_WRITE_FAILED",
): WorkspaceEvent => ({
  type: "token-unsaved",
  cause,
  count: 1,
  message: "The token cannot be stored in /configs/.auth_token.",
  spilledTo,
});

describe("an operator's log line", () => {
  it("has a code for the event, and for a failure also for its cause", () => {
    const codes = [
      { type: "registered" } as const,
      unsaved(null),
      failed({}),
      failed({ action: "register", failure: notStorable }),
      { type: "job-failed", job: "delegations", failure: unreachable, count: 1 } as const,
      { type: "message-failed", to: "b", failure: failure({ code: "RECEIVER_BUSY" }) } as const,
    ].map((event) => logMessage(event).code);
    expect(codes).toEqual([
      "REGISTERED",
      "TOKEN_UNSAVED",
      "HEARTBEAT_FAILED:TOKEN_REJECTED",
      "REGISTER_FAILED:STORAGE_WRITE_FAILED",
      "JOB_FAILED:ECONNREFUSED",
      "MESSAGE_FAILED:RECEIVER_BUSY",
    ]);
  });

  it("is at debug while a failure repeats, and still has its code", () => {
    const levels = [1, 2, 3, 4, 22, 23, 24].map((count) => logMessage(failed({ count })).level);
    expect(levels).toEqual(["warn", "warn", "warn", "debug", "debug", "warn", "debug"]);
    expect(logMessage(failed({ count: 4 })).code).toBe("HEARTBEAT_FAILED:TOKEN_REJECTED");
  });

  it("is an error when waiting does not fix it, and a warning when it may", () => {
    expect(logMessage(failed({ failure: notStorable })).level).toBe("error");
    expect(logMessage(failed({ failure: unreachable })).level).toBe("warn");
    // Then the runner registers, and reports it if that does not help.
    expect(logMessage(failed({ failure: unauthorized })).level).toBe("warn");
  });

  it("about an answer that cannot be sent is a warning once that lasts, unless nothing was sent", () => {
    const levelOf = (count: number, kind: PlatformFailure["kind"] = "unavailable") =>
      logMessage({
        type: "answer-failed",
        messageId: "m",
        to: null,
        failure: { ...unreachable, kind },
        count,
      }).level;
    expect([1, 2, 3, 4, 22, 23].map((count) => levelOf(count))).toEqual([
      ...["debug", "debug", "warn", "debug", "debug", "warn"],
    ]);
    expect(levelOf(3, "circuit_open")).toBe("debug");
    expect(levelOf(1, "invalid")).toBe("warn");
  });

  it("contains no line break or control character of another's id", () => {
    const id = "b\n[10:00:00] ERROR: a: forged\u202e\u001b[2J";
    const events: readonly WorkspaceEvent[] = [
      { type: "message-received", from: id, messageId: "m" },
      { type: "message-answered", messageId: "m", to: id, outcome: "delivered" },
      { type: "answer-failed", messageId: "m", to: id, failure: unreachable, count: 1 },
      { type: "message-unreadable", row: id },
    ];
    for (const event of events) {
      expect(logMessage(event).text).toContain("b [10:00:00] ERROR: a: forged");
      expect(logMessage(event).text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
  });

  it("counts what is damaged or dropped", () => {
    const location = "/configs/inbox.jsonl";
    const texts = [1, 2].flatMap((count) => [
      logMessage({ type: "inbox-damaged", location, lines: count, again: null }).text,
      logMessage({ type: "results-damaged", location, lines: count }).text,
      logMessage({ type: "delegations-foreign", count }).text,
    ]);
    expect(texts.map((text) => /^\w+ (.*?) (of|with) /.exec(text)?.[1])).toEqual([
      ...["1 line", "1 line", "1 delegation row"],
      ...["2 lines", "2 lines", "2 delegation rows"],
    ]);
  });

  it("about a token that is only in memory states whether the process may be stopped", () => {
    expect(logMessage(unsaved(null)).text).toContain("do not stop this process until that succeeds");
    expect(logMessage(unsaved("/configs/unsaved/.auth_token")).text).toContain(
      "Until that succeeds it is kept in /configs/unsaved/.auth_token",
    );
    expect(logMessage(unsaved("/configs/unsaved/.auth_token", "STORAGE_CONFLICT")).text).toContain(
      "If the stored one is right, remove /configs/unsaved/.auth_token.",
    );
  });
});

describe("a line about a runner among others", () => {
  it.each([
    [1, "released 1 shard to other runners"],
    [2, "released 2 shards to other runners"],
  ])("counts %s", (count, text) => {
    expect(clusterMessage({ type: "shards-released", count })).toEqual({
      level: "info",
      code: "CLUSTER_SHARDS_RELEASED",
      text,
    });
  });
});
