import { expect, it } from "vitest";
import { describeEvent } from "./describe-event.ts";

it("strips terminal control characters from client-supplied names", () => {
  const workspaceId = "agent\u001b[2J\r\n\u009b31m\u2028\u202e";
  const line = describeEvent({ type: "heartbeat", at: 0, workspaceId, status: null });
  expect(line).toContain("agent\\u001b[2J\\u000d\\u000a\\u009b31m\\u2028\\u202e heartbeat");
  expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u);
});
