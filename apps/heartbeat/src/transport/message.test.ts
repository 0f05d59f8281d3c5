import { describe, expect, it } from "vitest";
import { deliveryOf } from "./message.ts";
import { classify, type Reply } from "./reply.ts";

function delivery(status: number, body: Record<string, unknown> = {}, rest: Partial<Reply> = {}) {
  const reply: Reply = { status, body, empty: Object.keys(body).length === 0, retryAfterMs: 0, ...rest };
  return deliveryOf(classify(reply), reply);
}

describe("a message", () => {
  it("incident 23: that is queued (202) has not failed, and is not sent again", () => {
    expect(delivery(202, { queued: true })).toEqual({ kind: "queued" });
    expect(delivery(200, { jsonrpc: "2.0", result: {} })).toEqual({ kind: "delivered" });
  });

  it("has arrived when it was taken, however useless the agent's answer is", () => {
    expect(delivery(200, {}, { unusable: "no JSON", empty: false })).toEqual({ kind: "delivered" });
  });

  it("to a restarting agent can be sent again, one to a busy agent may have arrived", () => {
    expect(delivery(503, { error: "restarting", restarting: true })).toMatchObject({ safeToRepeat: true });
    expect(delivery(503, { error: "busy", busy: true })).toMatchObject({
      kind: "failed",
      safeToRepeat: false,
    });
    expect(delivery(0, {}, { failure: "TIMEOUT" })).toMatchObject({ kind: "failed", safeToRepeat: false });
  });

  it("has not arrived when nobody could be connected to", () => {
    expect(delivery(0, {}, { failure: "ECONNREFUSED" })).toMatchObject({
      kind: "failed",
      safeToRepeat: true,
    });
    expect(delivery(0, {}, { failure: "ECONNRESET" })).toMatchObject({ kind: "failed", safeToRepeat: false });
  });

  it("that the platform did not take has not arrived", () => {
    for (const status of [401, 402, 403, 404, 429]) {
      expect(delivery(status, { error: "no" })).toMatchObject({ kind: "failed", safeToRepeat: true });
    }
  });
});
