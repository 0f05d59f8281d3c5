import type { Socket } from "node:net";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { openRawServer, type RawServer } from "../raw-server.ts";

/** The kinds of requests that an agent's runtime sends. */
export type RequestKind =
  | "register"
  | "heartbeat"
  | "update-card"
  | "status"
  | "delegations"
  | "message"
  | "health";

/** A received request. */
export interface RawRequest {
  readonly requestKind: RequestKind;
  /** Latin-1, without the trailing empty line. */
  readonly head: string;
}

/** A platform that writes arbitrary bytes, HTTP or not. */
export const openRawPlatform = (answer: (request: RawRequest, socket: Socket) => void): Promise<RawServer> =>
  openRawServer((head, socket) => answer({ requestKind: requestKindOf(head), head }, socket));

/** Another platform, which must not be contacted, and how often it was. */
export async function openElsewhere(fixtures: Fixtures) {
  let contacts = 0;
  const { origin, close } = await openRawServer((_head, socket) => {
    contacts += 1;
    socket.destroy();
  });
  fixtures.undo(close);
  return { origin, contacts: () => contacts };
}

function requestKindOf(head: string): RequestKind {
  const [, path = ""] = head.split(" ", 2);
  if (path.endsWith("/registry/register")) return "register";
  if (path.endsWith("/registry/heartbeat")) return "heartbeat";
  if (path.endsWith("/registry/update-card")) return "update-card";
  if (path.endsWith("/delegations")) return "delegations";
  if (path.endsWith("/a2a")) return "message";
  return path.endsWith("/health") ? "health" : "status";
}

/** A well-formed answer that closes the connection. */
export function json(status: number, body: unknown, more = ""): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}
