import { describe, expect, it } from "vitest";
import { replyWith, tooLong } from "../test/support/reply.ts";
import { classifyMessage, messageOutcome } from "./classify-message.ts";
import type { Reply } from "./reply.ts";

const asked = { workspaceId: "", secrets: [] };
const of = (status: number, body?: unknown) => {
  const reply: Reply = replyWith(status, body);
  return classifyMessage(reply, asked) ?? messageOutcome(reply, "m1");
};

describe("a message", () => {
  it("incident 23: that is queued has not failed", () => {
    expect(of(202, { queued: true, queue_id: "q1" })).toMatchObject({
      outcome: "queued_by_platform",
      queueId: "q1",
    });
    expect(of(200, { queued: true })).toMatchObject({ outcome: "queued_by_platform", queueId: "" });
    expect(of(200, { status: "queued", delivery_mode: "poll", method: "message/send" })).toMatchObject({
      outcome: "queued_for_poll",
      messageId: "m1",
      reply: null,
    });
  });

  it("that the receiver answered is delivered, with its reply", () => {
    expect(of(200, { jsonrpc: "2.0", result: { parts: [] } })).toMatchObject({
      outcome: "delivered",
      reply: { parts: [] },
    });
    expect(of(200, { anything: 1 })).toMatchObject({ outcome: "delivered", reply: { anything: 1 } });
    expect(of(200)).toMatchObject({ outcome: "delivered", reply: null });
  });

  it("is delivered if the receiver's reply is too long to read, but not if a web page answers", () => {
    expect(classifyMessage(tooLong(200), asked)).toBeNull();
    expect(messageOutcome(tooLong(200), "m1")).toMatchObject({ outcome: "delivered", reply: null });
    expect(of(200, "<html>")).toMatchObject({ kind: "invalid", code: "RESPONSE_NOT_JSON", sent: "maybe" });
  });

  it("that the receiver answers with a JSON-RPC error failed, but arrived", () => {
    const error = { code: -32000, message: "I will not" };
    expect(of(200, { jsonrpc: "2.0", error })).toMatchObject({
      kind: "invalid",
      code: "RECEIVER_ERROR",
      message: "200 I will not",
      sent: "yes",
    });
    expect(of(200, { jsonrpc: "2.0", error: null, result: 1 })).toMatchObject({ outcome: "delivered" });
  });

  it("to a waking, restarting or unreachable receiver was not sent, one to a busy receiver may have arrived", () => {
    expect(of(503, { waking: true, retry_after: 5 })).toMatchObject({
      code: "RECEIVER_WAKING",
      sent: "no",
      retryAfterMs: 5000,
    });
    expect(of(503, { error: "restarting", restarting: true })).toMatchObject({ sent: "no" });
    expect(of(503, { error: "workspace has no URL" })).toMatchObject({
      code: "RECEIVER_HAS_NO_URL",
      sent: "no",
    });
    for (const status of [200, 409, 503]) {
      expect(of(status, { busy: true })).toMatchObject({ code: "RECEIVER_BUSY", sent: "maybe" });
    }
    expect(of(502, "bad gateway")).toMatchObject({ code: "SERVER_ERROR", sent: "maybe" });
  });

  it("that the platform rejected has not arrived", () => {
    for (const status of [400, 401, 402, 403, 404, 413, 429]) {
      expect(of(status, { error: "no" })).toMatchObject({ sent: "no" });
    }
  });

  it("distinguishes a missing receiver from a missing sender", () => {
    expect(of(404, { error: "workspace not found" })).toMatchObject({ code: "RECEIVER_NOT_FOUND" });
    expect(of(410, { error: "workspace removed", id: "x" })).toMatchObject({ code: "RECEIVER_REMOVED" });
  });
});
