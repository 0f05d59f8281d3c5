import { type Reply, readReply } from "../../src/reply.ts";
import { manualClock } from "./clock.ts";

/** A response with JSON or text. */
export function replyWith(status: number, body?: unknown, headers: Record<string, string> = {}): Reply {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const response = { status, headers: { get: (name: string) => headers[name] }, text };
  return readReply(response, "https://p.example/base/registry/heartbeat", manualClock());
}

/** A response that was too long to read. */
export function tooLong(status: number): Reply {
  const response = { status, headers: { get: () => null }, text: null };
  return readReply(response, "https://p.example/", manualClock());
}
