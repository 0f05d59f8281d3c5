import type { PlatformRequest } from "../src/transport/client.ts";
import type { Reply } from "../src/transport/reply.ts";
import type { Counters } from "./counters.ts";
import { answer, type FaultSchedule } from "./fault-schedule.ts";
import { type Random, randomToken } from "./random.ts";
import { newSimulatedAgent, noteReach, type SimulatedAgent } from "./simulated-agent.ts";
import type { VirtualTime } from "./virtual-time.ts";

export const PLATFORM_URL = "http://platform.test";

/** How long a workspace is taken for alive after a registration or a heartbeat (V2 of the contract). */
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
  /** Sees a workspace before its situation changes: before a heartbeat is accepted, and before its tokens are revoked. */
  readonly observe: (agent: SimulatedAgent) => void;
}

type PlatformCall = Pick<PlatformRequest, "method" | "path" | "headers" | "json">;

/** An answer, and the token in it. */
interface Answered {
  readonly reply: Reply;
  readonly issued: { readonly to: SimulatedAgent; readonly token: string } | null;
}

/** The platform's contract, as far as a runner can tell: who is let in, what is issued, who is alive. */
export interface Platform {
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  /** A workspace without a token, or with one that whoever made the list has put into it. */
  provision(id: string, tokenFile: string, isListed: boolean): SimulatedAgent;
  process(call: PlatformCall): Answered;
  /** A new live token; nobody has it yet. */
  issue(to: SimulatedAgent): string;
  revokeAll(agent: SimulatedAgent): void;
  /** A token has reached its workspace, or never will. */
  handOver(to: SimulatedAgent, token: string, arrived: boolean): void;
}

export function createPlatform({ time, random, faults, counters, observe }: PlatformOptions): Platform {
  const agents = new Map<string, SimulatedAgent>();

  function issue(to: SimulatedAgent): string {
    const token = randomToken(random);
    to.live.set(token, false);
    noteReach(to, faults.upMs());
    return token;
  }

  function register(agent: SimulatedAgent): Answered {
    counters.registrations += 1;
    agent.aliveUntil = time.monotonic() + LIVENESS_MS;
    const body = { status: "registered", delivery_mode: "poll" };
    if (agent.live.size > 0) return plain(answer(200, body));
    return withToken(body, agent, issue(agent));
  }

  function heartbeat(agent: SimulatedAgent, body: object): Answered {
    if (!HEARTBEAT_FIELDS.every((field) => field in body)) return malformed(counters);
    const now = time.monotonic();
    if (agent.aliveUntil !== null && now <= agent.aliveUntil) {
      counters.heartbeats += 1;
      observe(agent);
      agent.aliveUntil = now + LIVENESS_MS;
      agent.acceptedAt = faults.upMs();
      agent.acceptedWall = now;
    } else counters.heartbeatsInVain += 1;
    const { pushed } = agent;
    agent.pushed = null;
    if (pushed === null || !agent.live.has(pushed)) return plain(answer(200, { status: "ok" }));
    return withToken({ status: "ok" }, agent, pushed);
  }

  function withToken(body: object, to: SimulatedAgent, token: string): Answered {
    counters.issued += 1;
    return { reply: answer(200, { ...body, auth_token: token }), issued: { to, token } };
  }

  function takeMessage(agent: SimulatedAgent, body: object): Answered {
    const messageId = text(body, "params", "message", "messageId");
    const announcement = text(body, "params", "message", "parts", "0", "text");
    if (messageId === agent.lastMessageId) counters.repeatedMessages += 1;
    agent.lastMessageId = messageId;
    counters.messages += 1;
    const results = announcement.startsWith("A delegation ") ? 1 : Number.parseInt(announcement, 10);
    agent.announced += results;
    counters.announced += results;
    return plain(answer(202, { queued: true, delivery_mode: "poll" }));
  }

  function about({ method, path, json }: PlatformCall): [SimulatedAgent | undefined, string] {
    if (method === "POST" && path.startsWith("registry/")) {
      const named = path === "registry/register" ? "id" : "workspace_id";
      return [agents.get(text(json, named)), path.slice("registry/".length)];
    }
    const [, id = "", what = "status"] = path.split("/");
    return [agents.get(id), what];
  }

  function isLetIn(agent: SimulatedAgent, what: string, headers: PlatformCall["headers"]): boolean {
    const token = headers.Authorization?.slice("Bearer ".length);
    if (token !== undefined && agent.live.has(token)) return true;
    const isRegistry = what === "register" || what === "heartbeat" || what === "update-card";
    return what === "status" || (isRegistry && agent.live.size === 0);
  }

  return {
    agents,
    issue,
    provision(id, tokenFile, isListed) {
      const listToken = isListed ? randomToken(random) : null;
      const agent = newSimulatedAgent(id, tokenFile, listToken);
      agents.set(id, agent);
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
    process(call) {
      if (call.headers.Origin !== PLATFORM_URL) return malformed(counters);
      const [agent, what] = about(call);
      if (agent === undefined) return plain(answer(404, { error: "workspace not found" }));
      if (!isLetIn(agent, what, call.headers)) {
        counters.rejections += 1;
        return plain(answer(401, { error: "invalid workspace auth token" }));
      }
      const json = typeof call.json === "object" && call.json !== null ? call.json : {};
      switch (what) {
        case "register":
          return register(agent);
        case "heartbeat":
          return heartbeat(agent, json);
        case "status":
          return plain(answer(200, { status: isAlive(agent, time) ? "online" : "offline" }));
        case "delegations":
          return plain(answer(200, { items: agent.rows }));
        case "a2a":
          return call.headers["X-Workspace-ID"] === agent.id ? takeMessage(agent, json) : malformed(counters);
        default:
          return malformed(counters);
      }
    },
  };
}

const isAlive = ({ aliveUntil }: SimulatedAgent, time: VirtualTime): boolean =>
  aliveUntil !== null && time.monotonic() <= aliveUntil;

const plain = (reply: Reply): Answered => ({ reply, issued: null });

function malformed(counters: Counters): Answered {
  counters.malformed += 1;
  return plain(answer(400, { error: "invalid request body" }));
}

/** What is at a path of names; `undefined` when there is nothing. */
function at(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

const text = (value: unknown, ...names: readonly string[]): string => String(at(value, ...names) ?? "");
