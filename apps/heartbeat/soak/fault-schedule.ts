import type { TransportResponse } from "@x/platform-client";
import { between, betweenLog, pick, type Random, untilNext } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * How the platform fails when it does, or the network on the way there. `false-401`: its database is down, and its check of
 * tokens says no to all. `web-page`: a login page answers everything.
 */
const OUTAGES = [
  "refuse",
  "hang",
  "500",
  "503",
  "530",
  "429",
  "false-401",
  "dns",
  "certificate",
  "proxy",
  "scheme",
  "reset",
  "redirect",
  "web-page",
] as const;
export type OutageKind = (typeof OUTAGES)[number];

const CERTIFICATE_CODES: readonly [string, ...string[]] = [
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

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
    dns: 0,
    certificate: 0,
    proxy: 0,
    scheme: 0,
    reset: 0,
    redirect: 0,
    "web-page": 0,
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
    case "dns":
      return [noAnswer(pick(random, ["ENOTFOUND", "EAI_AGAIN"])), soon];
    case "certificate":
      return [noAnswer(pick(random, CERTIFICATE_CODES)), soon];
    case "proxy":
      return [noAnswer(pick(random, ["PROXY_HTTP_407", "PROXY_HTTP_503", "PROXY_ECONNREFUSED"])), soon];
    case "scheme":
      return [noAnswer(pick(random, ["HTTPS_EXPECTED", "ERR_SSL_WRONG_VERSION_NUMBER"])), soon];
    case "reset":
      return [noAnswer(pick(random, ["ECONNRESET", "EPIPE", "HPE_INVALID_CONSTANT"])), soon];
    case "redirect":
      return [answer(307, null, { location: "https://login.test/" }), soon];
    case "web-page":
      return [{ ...answer(200, null), text: "<!doctype html><title>Sign in</title>" }, soon];
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
