import type { TransportResponse } from "@x/platform-client";
import { between, betweenLog, pick, type Random, untilNext } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How the platform fails. `false-401`: its database is down, and its token check rejects every token. */
const OUTAGES = ["refuse", "hang", "500", "503", "530", "429", "false-401"] as const;
export type OutageKind = (typeof OUTAGES)[number];

export interface FaultScheduleOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** Average time from the end of one outage to the next. */
  readonly meanGapMs: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

export interface FaultSchedule {
  /** The current outage; `null` when the platform is up. */
  current(): OutageKind | null;
  /** How long the platform has been up since the start. A wait for the platform counts only during this time. */
  upMs(): number;
  /** Outages so far, by kind. */
  readonly outages: Readonly<Record<OutageKind, number>>;
  downMs(): number;
  /** Starts no more outages; a current one ends. */
  clear(): void;
}

export function createFaultSchedule({
  time,
  random,
  meanGapMs,
  shortestMs,
  longestMs,
}: FaultScheduleOptions): FaultSchedule {
  const outages: Record<OutageKind, number> = {
    refuse: 0,
    hang: 0,
    "500": 0,
    "503": 0,
    "530": 0,
    "429": 0,
    "false-401": 0,
  };
  let current: OutageKind | null = null;
  let began = 0;
  let downBefore = 0;
  let cleared = false;
  const downMs = () => downBefore + (current === null ? 0 : time.monotonic() - began);

  function begin(): void {
    if (cleared) return;
    current = pick(random, OUTAGES);
    outages[current] += 1;
    began = time.monotonic();
    time.after(betweenLog(random, shortestMs, longestMs), end);
  }

  function end(): void {
    downBefore = downMs();
    current = null;
    time.after(untilNext(random, meanGapMs), begin);
  }

  time.after(untilNext(random, meanGapMs), begin);
  return {
    current: () => current,
    upMs: () => time.monotonic() - downMs(),
    outages,
    downMs,
    clear() {
      cleared = true;
      downBefore = downMs();
      current = null;
    },
  };
}

/** What a client sees during an outage, and after how long. An error means no answer. */
export function inOutage(
  kind: OutageKind,
  timeoutMs: number,
  random: Random,
): [response: TransportResponse | Error, afterMs: number] {
  const soon = between(random, 1, 30);
  switch (kind) {
    case "refuse":
      return [noAnswer("ECONNREFUSED"), soon];
    case "hang":
      return [noAnswer("TIMEOUT"), timeoutMs];
    case "429": {
      const seconds = Math.ceil(between(random, 1, 120));
      const body = { error: "rate limit exceeded", retry_after: seconds };
      return [answer(429, body, { "retry-after": String(seconds) }), soon];
    }
    case "false-401":
      return [answer(401, { error: "invalid workspace auth token" }), soon];
    case "530":
      return [answer(530, null), soon];
    default:
      return [answer(Number(kind), { error: "registration failed" }), soon];
  }
}

/** An answer as received over the network; `null` for one without a body. */
export function answer(
  status: number,
  body: object | null,
  headers: Readonly<Record<string, string>> = {},
): TransportResponse {
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    text: body === null ? "" : JSON.stringify(body),
  };
}

/** The error of a request without an answer. */
export const noAnswer = (code: string): Error => Object.assign(new Error(code), { code });
