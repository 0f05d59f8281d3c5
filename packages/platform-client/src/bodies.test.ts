import { describe, expect, it } from "vitest";
import { heartbeatBody, messageBody, registerBody, toJson } from "./bodies.ts";

describe("a heartbeat", () => {
  it("contains every field, so that the platform resets none to zero", () => {
    expect(JSON.parse(heartbeatBody("a", {}))).toEqual({
      schema_version: 1,
      workspace_id: "a",
      is_busy: false,
      error_rate: 0,
      sample_error: "",
      active_tasks: 0,
      uptime_seconds: 0,
      current_task: "",
      monthly_spend: 0,
      runtime_state: "",
      runtime_metadata: {},
    });
  });

  it("contains the given values, as numbers that the platform accepts", () => {
    const body = heartbeatBody("a", {
      errorRate: Number.NaN,
      activeTasks: 2.7,
      uptimeSeconds: 1e20,
      monthlySpend: -5,
      sampleError: `x\0${"y".repeat(5_000)}`,
      runtimeMetadata: { capabilities: { "a\0b": true }, note: "n\0" },
      observedGeneration: 7,
      agentCard: { name: "A" },
    });
    expect(JSON.parse(body)).toMatchObject({
      error_rate: 0,
      active_tasks: 2,
      is_busy: true,
      agent_card: { name: "A" },
      uptime_seconds: 2_147_483_647,
      monthly_spend: 0,
      runtime_metadata: { note: "n" },
      observed_generation: 7,
    });
    expect(JSON.parse(body).sample_error).toHaveLength(4_095);
    expect(body).not.toContain("\\u0000");
  });
});

describe("other bodies", () => {
  it("a registration without a mode omits it, and has an empty URL", () => {
    expect(JSON.parse(registerBody("a", { agentCard: { name: "A" } }))).toEqual({
      id: "a",
      url: "",
      agent_card: { name: "A" },
    });
  });

  it("a message is A2A's message/send, with one id for request and message", () => {
    const parts = [{ kind: "text", text: "hi" }];
    expect(JSON.parse(messageBody({ messageId: "m", parts }))).toEqual({
      jsonrpc: "2.0",
      id: "m",
      method: "message/send",
      params: { message: { role: "user", messageId: "m", parts } },
    });
  });

  it("keep a text that resembles an escaped U+0000", () => {
    expect(JSON.parse(toJson({ a: "\\u0000", b: "\0" }))).toEqual({ a: "\\u0000", b: "" });
  });
});
