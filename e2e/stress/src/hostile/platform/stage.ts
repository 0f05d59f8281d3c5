import { randomBytes } from "node:crypto";
import { json, openRawPlatform, type RequestKind } from "./raw-platform.ts";
import type { Scenario } from "./scenarios.ts";

/** The limit for an endless answer, in bytes: the part that is read, and socket buffers. */
const MAX_TAKEN_BYTES = 16 * 1_024 * 1_024;

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Plays one scenario to one workspace, and behaves normally afterwards. */
export async function openStage(index: number, scenario: Scenario, elsewhere: string) {
  const id = `agent-${index}`;
  const token = randomBytes(32).toString("base64url");
  let wasPlayed = false;
  let isRegistered = false;
  let heartbeatsAfter = 0;
  let taken = 0;
  let wrong: string | null = null;
  const platform = await openRawPlatform(({ requestKind, head }, socket) => {
    const [, presented = token] = /^authorization: Bearer (.*)$/im.exec(head.replaceAll("\r", "")) ?? [];
    if (presented !== token) wrong ??= "a request carried another token";
    if (wasPlayed && requestKind === "heartbeat") heartbeatsAfter += 1;
    const moment = requestKind === "status" && !isRegistered ? "look" : requestKind;
    if (requestKind === "register") isRegistered = true;
    if (wasPlayed || moment !== scenario.requestKind) {
      socket.end(usual(requestKind, id));
      return;
    }
    wasPlayed = true;
    socket.once("close", () => {
      taken = Math.max(taken, socket.bytesWritten - socket.writableLength);
    });
    scenario.answer(socket, { token, elsewhere });
  });
  return {
    id,
    token,
    scenario,
    platform,
    /** Whether the scenario was played and heartbeats arrived afterwards. */
    isOver: () => heartbeatsAfter > 0,
    /** The problem with the requests; `null` if there is none. */
    wrong: () => wrong ?? (taken > MAX_TAKEN_BYTES ? `${Math.round(taken / 2 ** 20)} MB were read` : null),
  };
}

function usual(requestKind: RequestKind, id: string): string {
  switch (requestKind) {
    case "register":
      return json(200, { status: "registered", delivery_mode: "poll" });
    case "status":
      return json(200, { id, status: "online" });
    case "delegations":
      return json(200, []);
    case "message":
      return json(202, { queued: true });
    default:
      return json(200, { status: "ok" });
  }
}
