import type { Asked } from "./classify.ts";
import { boundedTextOf, idOf, isObject, numberOf, own, textOf } from "./json.ts";
import { printable } from "./text.ts";

/** A workspace's public information. Names are sanitized for printing; the card is unchanged. */
export interface WorkspaceInfo {
  /** Empty: the response does not name a workspace, so it may be about none. */
  readonly id: string;
  readonly name: string;
  /**
   * Such as `online`, `degraded`, `paused`, `removed`, `awaiting_agent`; others may be added. Empty: not a single word.
   */
  readonly status: string;
  /** Where the platform calls the workspace; empty if it polls. */
  readonly url: string;
  readonly runtime: string;
  readonly agentCard: unknown;
  /** As sent by the platform (RFC 3339); empty before the first one. */
  readonly lastHeartbeatAt: string;
  readonly uptimeSeconds: number;
  readonly wedged: boolean;
  readonly parentId: string;
}

/** The workspace's state, according to the platform. */
export interface WorkspaceState {
  readonly status: string;
  readonly paused: boolean;
  readonly deleted: boolean;
}

/** A live token's metadata. */
export interface TokenInfo {
  readonly id: string;
  /** Its first characters; empty if no token can begin with them. */
  readonly prefix: string;
  readonly createdAt: string;
  /** Empty: never used. */
  readonly lastUsedAt: string;
}

/** A workspace that this one may send messages to. */
export interface PeerInfo {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly url: string;
  readonly parentId: string;
  readonly agentCard: unknown;
}

/** The platform returns at most this many rows. */
const MAX_ROWS = 1_000;
const MAX_URL_BYTES = 2_048;

export function parseWorkspace(body: unknown, asked: Asked): WorkspaceInfo | undefined {
  if (!isObject(body) || (textOf(body, "id") === "" && textOf(body, "status") === "")) return undefined;
  return {
    // Responses about another workspace have been rejected already.
    id: idOf(body, "id"),
    name: shown(body, "name", asked),
    status: statusOf(body, asked),
    url: boundedTextOf(body, "url", MAX_URL_BYTES),
    runtime: shown(body, "runtime", asked),
    agentCard: own(body, "agent_card") ?? null,
    lastHeartbeatAt: shown(body, "last_heartbeat_at", asked),
    uptimeSeconds: numberOf(body, "uptime_seconds") ?? 0,
    wedged: own(body, "wedged") === true,
    parentId: idOf(body, "parent_id"),
  };
}

export function parseState(body: unknown, asked: Asked): WorkspaceState | undefined {
  if (!isObject(body) || textOf(body, "status") === "") return undefined;
  return {
    status: statusOf(body, asked),
    paused: own(body, "paused") === true,
    deleted: own(body, "deleted") === true,
  };
}

export function parseTokens(body: unknown, asked: Asked): readonly TokenInfo[] | undefined {
  return rowsOf(own(body, "tokens"))?.map((row) => ({
    id: idOf(row, "id"),
    prefix: prefixOf(row),
    createdAt: shown(row, "created_at", asked),
    lastUsedAt: shown(row, "last_used_at", asked),
  }));
}

export function parsePeers(body: unknown, asked: Asked): readonly PeerInfo[] | undefined {
  return rowsOf(body)
    ?.filter((row) => idOf(row, "id") !== "")
    .map((row) => ({
      id: idOf(row, "id"),
      name: shown(row, "name", asked),
      status: statusOf(row, asked),
      url: boundedTextOf(row, "url", MAX_URL_BYTES),
      parentId: idOf(row, "parent_id"),
      agentCard: own(row, "agent_card") ?? null,
    }));
}

/** The objects of a JSON array; `undefined` if it is not an array. */
export function rowsOf(value: unknown): readonly Record<string, unknown>[] | undefined {
  return Array.isArray(value) ? value.slice(0, MAX_ROWS).filter(isObject) : undefined;
}

/** A token's beginning, which is compared with tokens and shown. */
function prefixOf(row: unknown): string {
  const prefix = textOf(row, "prefix").slice(0, 8);
  return /^[\x20-\x7e]*$/.test(prefix) ? prefix : "";
}

/** One of the platform's status words; empty for anything else, and for part of a token. */
function statusOf(body: unknown, { secrets }: Asked): string {
  const status = textOf(body, "status");
  if (!/^[a-z][a-z_-]{0,31}$/i.test(status)) return "";
  return status.length >= 8 && secrets.some((secret) => secret.includes(status)) ? "" : status;
}

function shown(body: unknown, name: string, { secrets }: Asked): string {
  const text = textOf(body, name);
  return text === "" ? "" : printable(text, { secrets });
}
