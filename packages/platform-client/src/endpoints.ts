import { type ActivityRow, parseActivity } from "./activity.ts";
import type { DeliveryMode } from "./bodies.ts";
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
import type { RouteGroup } from "./verdict.ts";

/** What the client knows about a route. Every member is set, so that a polluted prototype cannot lend one. */
export interface Endpoint<T> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly group: RouteGroup;
  /** Answers may hand out a token or a secret; `null`: this route's answers are not searched for one. */
  readonly issues: IssuingRoute | null;
  /** The answer is about the workspace itself. */
  readonly isAboutSelf: boolean;
  /** Signed as what the workspace's own runtime sends, and not repeated after a 401. */
  readonly isMessage: boolean;
  readonly maxBytes: number;
  readonly classify: (reply: Reply, asked: Asked) => PlatformFailure | null;
  /** The value of a success; `undefined` when the answer does not hold one. */
  readonly parse: (reply: Reply, asked: Asked, receipt: Receipt) => T | undefined;
}

/** The parts of an endpoint that differ from the usual. */
type Parts<T> = Pick<Endpoint<T>, "method" | "group" | "parse"> & Partial<Endpoint<T>>;

const MIB = 1024 * 1024;

function endpoint<T>(parts: Parts<T>): Endpoint<T> {
  return { issues: null, isAboutSelf: true, isMessage: false, maxBytes: MIB, classify, ...parts };
}

/** A registration that was accepted. */
export interface Registered extends Receipt {
  /** `null`: the platform does not say. */
  readonly deliveryMode: DeliveryMode | null;
}

/** A heartbeat that was accepted. No proof of life: the platform accepts heartbeats of unknown workspaces, too. */
export interface HeartbeatAccepted extends Receipt {
  /** To be echoed as `observedGeneration`; `null`: the platform sends none. */
  readonly generation: number | null;
}

/** A token that was minted. `token` is not enumerable, so that it is not logged by accident. */
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

export function activityEndpoint(sinceId: string | undefined): Endpoint<readonly ActivityRow[]> {
  return endpoint({
    method: "GET",
    group: "workspaces",
    // A message may have 1 MiB; the row around it makes it longer. Of many, ask for fewer.
    maxBytes: 4 * MIB,
    classify(reply, asked) {
      // The platform's database takes UUIDs only; with any other cursor this is no outage.
      const isBadCursor =
        sinceId !== undefined && !isUuid(sinceId) && textOf(reply.body, "error") === CURSOR_FAILED;
      return isBadCursor
        ? failureOf(reply, asked, "invalid", "CURSOR_NOT_FOUND", "no")
        : classify(reply, asked);
    },
    parse: ({ body }) => parseActivity(body),
  });
}

export function delegationsEndpoint(workspaceId: string, options: DelegationOptions): Endpoint<Delegations> {
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
    const value = { ...receipt, token: "" };
    return Object.defineProperty(value, "token", {
      value: textOf(body, "auth_token").trim(),
      enumerable: false,
    });
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
