import { checkToken } from "@x/auth-core";
import { type ActivityQuery, type ActivityRow, parseActivity } from "./activity.ts";
import type { DeliveryMode } from "./bodies.ts";
import type { RouteGroup } from "./breaker-outcome.ts";
import { type Asked, classify, failureOf, isUuid } from "./classify.ts";
import { classifyMessage, type MessageOutcome, messageOutcome } from "./classify-message.ts";
import { CURSOR_FAILED } from "./codes.ts";
import { type DelegationOptions, type Delegations, parseDelegations } from "./delegations.ts";
import type { IssuingRoute, Receipt } from "./issued.ts";
import { isObject, numberOf, own, textOf } from "./json.ts";
import type { Reply } from "./reply.ts";
import type { PlatformFailure } from "./result.ts";
import {
  type PeerInfo,
  parsePeers,
  parseState,
  parseTokens,
  parseWorkspace,
  type TokenInfo,
  type WorkspaceInfo,
  type WorkspaceState,
} from "./values.ts";

/** A route's properties. Each one is set explicitly, so that a polluted prototype cannot supply it. */
export interface Endpoint<T> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly group: RouteGroup;
  /** Responses may contain a new token or secret; `null`: they are not searched for one. */
  readonly issues: IssuingRoute | null;
  /** The response is about the workspace itself. */
  readonly isAboutSelf: boolean;
  /** Signed with the workspace's id, and not repeated after a 401. */
  readonly isMessage: boolean;
  /** Idempotent. */
  readonly isRepeatable: boolean;
  readonly maxBytes: number;
  readonly classify: (reply: Reply, asked: Asked) => PlatformFailure | null;
  /** The value of a success; `undefined` if the response does not contain one. */
  readonly parse: (reply: Reply, asked: Asked, receipt: Receipt) => T | undefined;
}

/** The parts of an endpoint that differ from the defaults. */
type Parts<T> = Pick<Endpoint<T>, "method" | "group" | "parse"> & Partial<Endpoint<T>>;

const MIB = 1024 * 1024;

function endpoint<T>(parts: Parts<T>): Endpoint<T> {
  const isRepeatable = parts.method === "GET";
  return {
    issues: null,
    isAboutSelf: true,
    isMessage: false,
    isRepeatable,
    maxBytes: MIB,
    classify,
    ...parts,
  };
}

/** The response to a registration. */
export interface Registered extends Receipt {
  /** `null`: not in the response. */
  readonly deliveryMode: DeliveryMode | null;
}

/** The response to a heartbeat. It proves nothing: the platform accepts heartbeats of unknown workspaces, too. */
export interface HeartbeatAccepted extends Receipt {
  /** Send back as `observedGeneration`; `null`: not in the response. */
  readonly generation: number | null;
}

/** A new API token. `token` is not enumerable, so that it is not logged by accident. */
export interface MintedToken extends Receipt {
  readonly token: string;
}

const acknowledged = () => null;

export const REGISTER = endpoint<Registered>({
  method: "POST",
  group: "registry",
  issues: "register",
  parse({ body }, _, receipt) {
    const mode = own(body, "delivery_mode");
    return { ...receipt, deliveryMode: mode === "push" || mode === "poll" ? mode : null };
  },
});

export const HEARTBEAT = endpoint<HeartbeatAccepted>({
  method: "POST",
  group: "registry",
  issues: "heartbeat",
  isRepeatable: true,
  parse({ body }, _, receipt) {
    const generation = numberOf(body, "generation");
    return receipt.unsaved === undefined
      ? { tokenReceived: receipt.tokenReceived, generation }
      : { ...receipt, generation };
  },
});

export const UPDATE_CARD = endpoint<null>({
  method: "POST",
  group: "registry",
  parse: acknowledged,
});

export const WORKSPACE = endpoint<WorkspaceInfo>({
  method: "GET",
  group: "workspaces",
  parse: ({ body }, asked) => parseWorkspace(body, asked),
});

export const STATE = endpoint<WorkspaceState>({
  method: "GET",
  group: "workspaces",
  parse: ({ body }, asked) => parseState(body, asked),
});

/** The platform accepts messages up to 16 MiB. Its JSON may write each byte as an escape of six, such as `\u003c`. */
const LONGEST_ROW_BYTES = (16 * 6 + 1) * MIB;

export function activityEndpoint({ sinceId, limit }: ActivityQuery): Endpoint<readonly ActivityRow[]> {
  return endpoint({
    method: "GET",
    group: "workspaces",
    // If many messages are too long, fetch fewer: a single one always fits.
    maxBytes: limit === 1 ? LONGEST_ROW_BYTES : 4 * MIB,
    classify(reply, asked) {
      // The platform's database accepts UUIDs only; a 500 for any other cursor is not an outage.
      const isBadCursor =
        sinceId !== undefined && !isUuid(sinceId) && textOf(reply.body, "error") === CURSOR_FAILED;
      return isBadCursor
        ? failureOf(reply, asked, "invalid", "CURSOR_NOT_FOUND", "no")
        : classify(reply, asked);
    },
    parse({ body }) {
      const rows = parseActivity(body);
      // From a server or cache that ignores the cursor, the same messages would be handled again and again.
      return rows?.some(({ id }) => id === sinceId) ? undefined : rows;
    },
  });
}

/** For callers that know no delegations yet. */
const ALL_DELEGATIONS = endpoint<Delegations>({
  method: "GET",
  group: "workspaces",
  parse: ({ body }, { workspaceId }) => parseDelegations(body, workspaceId),
});

export function delegationsEndpoint(workspaceId: string, options: DelegationOptions): Endpoint<Delegations> {
  if (options.isKnown === undefined) return ALL_DELEGATIONS;
  return endpoint({
    method: "GET",
    group: "workspaces",
    parse: ({ body }) => parseDelegations(body, workspaceId, options),
  });
}

export function messageEndpoint(messageId: string): Endpoint<MessageOutcome> {
  return endpoint({
    method: "POST",
    group: "messages",
    isAboutSelf: false,
    isMessage: true,
    classify: classifyMessage,
    parse: (reply) => messageOutcome(reply, messageId),
  });
}

export const NOTIFY = endpoint<null>({ method: "POST", group: "workspaces", parse: acknowledged });

export const LIST_TOKENS = endpoint<readonly TokenInfo[]>({
  method: "GET",
  group: "workspaces",
  parse: ({ body }, asked) => parseTokens(body, asked),
});

export const MINT_TOKEN = endpoint<MintedToken>({
  method: "POST",
  group: "workspaces",
  issues: "mint",
  parse({ body }, _, receipt) {
    if (!receipt.tokenReceived) return undefined;
    try {
      const token = checkToken(textOf(body, "auth_token"));
      return Object.defineProperty({ ...receipt, token }, "token", { enumerable: false });
    } catch {
      return undefined;
    }
  },
});

export const REVOKE_TOKEN = endpoint<null>({
  method: "DELETE",
  group: "workspaces",
  isAboutSelf: false,
  parse: acknowledged,
});

export const ROTATE = endpoint<Receipt>({
  method: "POST",
  group: "workspaces",
  issues: "rotate",
  parse: (_, __, receipt) => (receipt.tokenReceived ? receipt : undefined),
});

export const HEALTH = endpoint<{ readonly status: string }>({
  method: "GET",
  group: "workspaces",
  isAboutSelf: false,
  parse: ({ body }) => (isObject(body) ? { status: textOf(body, "status").slice(0, 32) } : undefined),
});

export const PEERS = endpoint<readonly PeerInfo[]>({
  method: "GET",
  group: "workspaces",
  parse: ({ body }, asked) => parsePeers(body, asked),
});
