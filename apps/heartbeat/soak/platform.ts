import type { TransportRequest, TransportResponse } from "@x/platform-client";
import type { Counters } from "./counters.ts";
import { answer, type FaultSchedule } from "./fault-schedule.ts";
import { type Random, randomToken } from "./random.ts";
import { newSimulatedAgent, noteReach, type Provision, type SimulatedAgent } from "./simulated-agent.ts";
import type { VirtualTime } from "./virtual-time.ts";

export const PLATFORM_URL = "http://platform.test";

/** How long a workspace counts as alive after a registration or a heartbeat (V2 of the contract). */
const LIVENESS_MS = 180_000;
const HEARTBEAT_FIELDS = [
  "error_rate",
  "sample_error",
  "active_tasks",
  "uptime_seconds",
  "current_task",
  "runtime_state",
  "runtime_metadata",
];

export interface PlatformOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultSchedule;
  readonly counters: Counters;
  /**
   * Inspects a workspace before its situation changes: before a heartbeat is accepted, and before its tokens are
   * revoked.
   */
  readonly observe: (agent: SimulatedAgent) => void;
}

type PlatformRequest = Pick<TransportRequest, "method" | "url" | "headers" | "body">;

/** An answer, and the token that it contains. */
interface Answered {
  readonly response: TransportResponse;
  readonly issued: { readonly to: SimulatedAgent; readonly token: string } | null;
}

/** The platform's contract, as far as a runner can observe it: who is admitted, what is issued, who is alive. */
export interface Platform {
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  /** A workspace without a token, or with one from the list. */
  provision(workspace: Omit<Provision, "listToken"> & { readonly isListed: boolean }): SimulatedAgent;
  process(request: PlatformRequest): Answered;
  /** A new live token that no agent has received yet. */
  issue(to: SimulatedAgent): string;
  revokeAll(agent: SimulatedAgent): void;
  /** A token has reached its workspace, or never will. */
  handOver(to: SimulatedAgent, token: string, arrived: boolean): void;
}

export function createPlatform({ time, random, faults, counters, observe }: PlatformOptions): Platform {
  const agents = new Map<string, SimulatedAgent>();

  function issue(to: SimulatedAgent): string {
    const token = randomToken(random);
    to.isKnown = true;
    to.live.set(token, false);
    noteReach(to, faults.upMs());
    return token;
  }

  function register(agent: SimulatedAgent, said: unknown): Answered {
    const { id, isKnown } = agent;
    const url = text(said, "url");
    const before = isKnown && agent.url === "" ? "poll" : "push";
    const mode = text(said, "delivery_mode") || before;
    // It would receive nothing: messages go to its URL, and it does not fetch any.
    if (isKnown && before === "push" && mode === "poll") return malformed(counters);
    if (typeof at(said, "agent_card", "name") !== "string") return malformed(counters);
    if (mode === "push" && url === "") return plain(answer(400, { error: "url is required" }));
    counters.registrations += 1;
    agent.isKnown = true;
    agent.url = mode === "push" ? url : "";
    agent.aliveUntil = time.monotonic() + LIVENESS_MS;
    const body = { status: "registered", delivery_mode: mode, ...inboundSecret(id) };
    if (agent.live.size > 0) return plain(answer(200, body));
    return withToken(body, agent, issue(agent));
  }

  function heartbeat(agent: SimulatedAgent, said: unknown): Answered {
    if (!HEARTBEAT_FIELDS.every((field) => at(said, field) !== undefined)) return malformed(counters);
    const now = time.monotonic();
    if (agent.aliveUntil !== null && now <= agent.aliveUntil) {
      counters.heartbeats += 1;
      observe(agent);
      agent.aliveUntil = now + LIVENESS_MS;
      agent.acceptedAt = faults.upMs();
      agent.acceptedWall = now;
    } else counters.heartbeatsInVain += 1;
    const { id, pushed } = agent;
    const accepted = { status: "ok", ...inboundSecret(id) };
    agent.pushed = null;
    if (pushed === null || !agent.live.has(pushed)) return plain(answer(200, accepted));
    return withToken(accepted, agent, pushed);
  }

  function withToken(body: object, to: SimulatedAgent, token: string): Answered {
    counters.issued += 1;
    return { response: answer(200, { ...body, auth_token: token }), issued: { to, token } };
  }

  function takeMessage(agent: SimulatedAgent, said: unknown): Answered {
    const messageId = text(said, "params", "message", "messageId");
    const announcement = text(said, "params", "message", "parts", "0", "text");
    if (messageId === agent.lastMessageId) counters.repeatedMessages += 1;
    agent.lastMessageId = messageId;
    counters.messages += 1;
    const results = announcement.startsWith("A delegation ") ? 1 : Number.parseInt(announcement, 10);
    agent.announced += results;
    counters.announced += results;
    return plain(answer(200, { status: "queued", delivery_mode: "poll", method: "message/send" }));
  }

  function about(method: string, path: string, json: unknown): [SimulatedAgent | undefined, string] {
    if (method === "POST" && path.startsWith("registry/")) {
      const named = path === "registry/register" ? "id" : "workspace_id";
      return [agents.get(text(json, named)), path.slice("registry/".length)];
    }
    const [, id = "", what = "status"] = path.split("/");
    return [agents.get(id), what];
  }

  function isLetIn(agent: SimulatedAgent, what: string, headers: PlatformRequest["headers"]): boolean {
    const token = headers.Authorization?.slice("Bearer ".length);
    if (token !== undefined) agent.presented = token;
    if (token !== undefined && agent.live.has(token)) return true;
    const isRegistry = what === "register" || what === "heartbeat" || what === "update-card";
    return what === "status" || (isRegistry && agent.live.size === 0);
  }

  return {
    agents,
    issue,
    provision({ isListed, ...workspace }) {
      const listToken = isListed ? randomToken(random) : null;
      const agent = newSimulatedAgent({ ...workspace, listToken });
      agents.set(agent.id, agent);
      return agent;
    },
    revokeAll(agent) {
      observe(agent);
      agent.live.clear();
      noteReach(agent, faults.upMs());
    },
    handOver(to, token, arrived) {
      if (arrived && to.live.has(token)) to.live.set(token, true);
      noteReach(to, faults.upMs());
      if (to.reachableSince === null) counters.issuedInVain += 1;
    },
    process({ method, url, headers, body }) {
      const path = pathOf(url);
      if (path === null || headers.Origin !== PLATFORM_URL || headers["User-Agent"] === undefined)
        return malformed(counters);
      const json: unknown = body === null ? {} : JSON.parse(body);
      const [agent, what] = about(method, path, json);
      if (agent === undefined) return plain(answer(404, { error: "workspace not found" }));
      if (!isLetIn(agent, what, headers)) {
        counters.rejections += 1;
        return plain(answer(401, { error: "invalid workspace auth token" }));
      }
      switch (what) {
        case "register":
          return register(agent, json);
        case "heartbeat":
          return heartbeat(agent, json);
        case "status":
          return plain(statusOf(agent, time));
        case "state":
          return plain(
            answer(200, { workspace_id: agent.id, status: "online", paused: false, deleted: false }),
          );
        case "delegations":
          return plain(answer(200, agent.rows));
        case "a2a":
          return headers["X-Workspace-ID"] === agent.id ? takeMessage(agent, json) : malformed(counters);
        default:
          return malformed(counters);
      }
    },
  };
}

function pathOf(url: string): string | null {
  return url.startsWith(`${PLATFORM_URL}/`) ? url.slice(PLATFORM_URL.length + 1) : null;
}

const inboundSecret = (id: string) => ({ platform_inbound_secret: `inbound-secret-of-${id}` });

function statusOf({ id, isKnown, url, aliveUntil }: SimulatedAgent, time: VirtualTime): TransportResponse {
  if (!isKnown) return answer(404, { error: "workspace not found" });
  const isAlive = aliveUntil !== null && time.monotonic() <= aliveUntil;
  return answer(200, { id, name: id, url, status: isAlive ? "online" : "offline" });
}

const plain = (response: TransportResponse): Answered => ({ response, issued: null });

function malformed(counters: Counters): Answered {
  counters.malformed += 1;
  return plain(answer(400, { error: "invalid request body" }));
}

/** The value at a path of names; `undefined` when there is none. */
function at(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

const text = (value: unknown, ...names: readonly string[]): string => String(at(value, ...names) ?? "");
