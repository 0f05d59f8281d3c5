import type { PlatformRequest } from "../../src/platform/client.ts";
import type { Reply } from "../../src/platform/reply.ts";
import { type Random, randomToken } from "./random.ts";
import { newResident, noteReach, type Resident } from "./resident.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { answer, type Weather } from "./weather.ts";

export const PLATFORM_URL = "http://platform.test";

/** How long a workspace is taken for alive after a registration or a beat (V2 of the contract). */
const LIVENESS_MS = 180_000;
const BEAT_FIELDS = [
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
  readonly weather: Weather;
  readonly tally: Tally;
  /** Sees a workspace before its situation changes: before a beat is accepted, and before its tokens are revoked. */
  readonly observe: (resident: Resident) => void;
}

type PlatformCall = Pick<PlatformRequest, "method" | "path" | "headers" | "json">;

/** An answer, and the token in it. */
interface Answered {
  readonly reply: Reply;
  readonly issued: { readonly to: Resident; readonly token: string } | null;
}

/** The platform's contract, as far as a runner can tell: who is let in, what is issued, who is alive. */
export interface Platform {
  readonly residents: ReadonlyMap<string, Resident>;
  /** A workspace without a token, or with one that whoever made the list has put into it. */
  provision(id: string, tokenFile: string, isListed: boolean): Resident;
  process(call: PlatformCall): Answered;
  /** A new live token; nobody has it yet. */
  issue(to: Resident): string;
  revokeAll(resident: Resident): void;
  /** A token has reached its workspace, or never will. */
  handOver(to: Resident, token: string, arrived: boolean): void;
}

export function createPlatform({ time, random, weather, tally, observe }: PlatformOptions): Platform {
  const residents = new Map<string, Resident>();

  function issue(to: Resident): string {
    const token = randomToken(random);
    to.live.set(token, false);
    noteReach(to, weather.upMs());
    return token;
  }

  function register(resident: Resident): Answered {
    tally.registrations += 1;
    resident.aliveUntil = time.monotonic() + LIVENESS_MS;
    const body = { status: "registered", delivery_mode: "poll" };
    if (resident.live.size > 0) return plain(answer(200, body));
    return withToken(body, resident, issue(resident));
  }

  function beat(resident: Resident, body: object): Answered {
    if (!BEAT_FIELDS.every((field) => field in body)) return malformed(tally);
    const now = time.monotonic();
    if (resident.aliveUntil !== null && now <= resident.aliveUntil) {
      tally.beats += 1;
      observe(resident);
      resident.aliveUntil = now + LIVENESS_MS;
      resident.acceptedAt = weather.upMs();
      resident.acceptedWall = now;
    } else tally.beatsInVain += 1;
    const { pushed } = resident;
    resident.pushed = null;
    if (pushed === null || !resident.live.has(pushed)) return plain(answer(200, { status: "ok" }));
    return withToken({ status: "ok" }, resident, pushed);
  }

  function withToken(body: object, to: Resident, token: string): Answered {
    tally.issued += 1;
    return { reply: answer(200, { ...body, auth_token: token }), issued: { to, token } };
  }

  function takeMessage(resident: Resident, body: object): Answered {
    const messageId = text(body, "params", "message", "messageId");
    const told = text(body, "params", "message", "parts", "0", "text");
    if (messageId === resident.lastMessageId) tally.repeatedMessages += 1;
    resident.lastMessageId = messageId;
    tally.messages += 1;
    const results = told.startsWith("A delegation ") ? 1 : Number.parseInt(told, 10);
    resident.announced += results;
    tally.announced += results;
    return plain(answer(202, { queued: true, delivery_mode: "poll" }));
  }

  function about({ method, path, json }: PlatformCall): [Resident | undefined, string] {
    if (method === "POST" && path.startsWith("registry/")) {
      const named = path === "registry/register" ? "id" : "workspace_id";
      return [residents.get(text(json, named)), path.slice("registry/".length)];
    }
    const [, id = "", what = "look"] = path.split("/");
    return [residents.get(id), what];
  }

  function isLetIn(resident: Resident, what: string, headers: PlatformCall["headers"]): boolean {
    const token = headers.Authorization?.slice("Bearer ".length);
    if (token !== undefined && resident.live.has(token)) return true;
    const isRegistry = what === "register" || what === "heartbeat" || what === "update-card";
    return what === "look" || (isRegistry && resident.live.size === 0);
  }

  return {
    residents,
    issue,
    provision(id, tokenFile, isListed) {
      const listToken = isListed ? randomToken(random) : null;
      const resident = newResident(id, tokenFile, listToken);
      residents.set(id, resident);
      return resident;
    },
    revokeAll(resident) {
      observe(resident);
      resident.live.clear();
      noteReach(resident, weather.upMs());
    },
    handOver(to, token, arrived) {
      if (arrived && to.live.has(token)) to.live.set(token, true);
      noteReach(to, weather.upMs());
      if (to.reachableSince === null) tally.issuedInVain += 1;
    },
    process(call) {
      if (call.headers.Origin !== PLATFORM_URL) return malformed(tally);
      const [resident, what] = about(call);
      if (resident === undefined) return plain(answer(404, { error: "workspace not found" }));
      if (!isLetIn(resident, what, call.headers)) {
        tally.refusals += 1;
        return plain(answer(401, { error: "invalid workspace auth token" }));
      }
      const json = typeof call.json === "object" && call.json !== null ? call.json : {};
      switch (what) {
        case "register":
          return register(resident);
        case "heartbeat":
          return beat(resident, json);
        case "look":
          return plain(answer(200, { status: isAlive(resident, time) ? "online" : "offline" }));
        case "delegations":
          return plain(answer(200, { items: resident.rows }));
        case "a2a":
          return call.headers["X-Workspace-ID"] === resident.id
            ? takeMessage(resident, json)
            : malformed(tally);
        default:
          return malformed(tally);
      }
    },
  };
}

const isAlive = ({ aliveUntil }: Resident, time: VirtualTime): boolean =>
  aliveUntil !== null && time.monotonic() <= aliveUntil;

const plain = (reply: Reply): Answered => ({ reply, issued: null });

function malformed(tally: Tally): Answered {
  tally.malformed += 1;
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
