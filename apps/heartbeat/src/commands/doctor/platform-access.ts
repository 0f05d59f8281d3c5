import type { Env } from "@x/auth-core";
import type { PlatformResult, Transport } from "@x/platform-client";
import { systemClock } from "../../clock.ts";
import { acceptsAnyCertificate, isThisMachine } from "../../transport/hosts.ts";
import { connectPlainly } from "../../transport/plain-connection.ts";
import { type Proxies, type Route, readProxies } from "../../transport/proxies.ts";
import { CLOCK_TOLERANCE_MS, describeOffset, watchClock } from "../../transport/server-clock.ts";
import { type Finding, note, problem } from "./findings.ts";
import { SharedLimit } from "./shared-limit.ts";

/** A platform that several workspaces use: whatever is the same for all of them is requested once. */
export interface PlatformAccess {
  readonly transport: Transport;
  readonly route: Route;
  /** For all requests. */
  readonly limit: SharedLimit;
  /** The first answer is kept: a platform that does not answer is waited for only once. */
  health: Promise<PlatformResult<unknown>> | null;
  /** Describes the route to the platform, whether or not it works. */
  findings(): Finding[];
}

/** The platforms that one doctor run uses. */
export class PlatformAccesses {
  readonly #env: Env;
  readonly #proxies: Proxies;
  readonly #byUrl = new Map<string, PlatformAccess>();
  readonly #closing: (() => Promise<void>)[] = [];

  constructor(env: Env) {
    this.#env = env;
    this.#proxies = readProxies(env);
  }

  async at(platformUrl: string): Promise<PlatformAccess> {
    const known = this.#byUrl.get(platformUrl);
    if (known !== undefined) return known;
    const clock = systemClock();
    const connection = await connectPlainly(platformUrl, clock, this.#proxies);
    this.#closing.push(connection.close);
    let offsetMs = 0;
    const transport = watchClock(connection, {
      wall: clock.wall,
      onOffset(ms) {
        offsetMs = ms;
      },
    });
    const route = this.#proxies.routeTo(platformUrl);
    const access: PlatformAccess = {
      transport,
      route,
      limit: new SharedLimit({ clock, onPause: (ms) => notePause(platformUrl, ms) }),
      health: null,
      findings: () => [...routeFindings(platformUrl, route, this.#env), ...clockFindings(offsetMs)],
    };
    this.#byUrl.set(platformUrl, access);
    return access;
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}

/** On standard error: a report as JSON stays readable. */
function notePause(platformUrl: string, ms: number): void {
  const seconds = Math.ceil(ms / 1_000);
  console.error(
    `${platformUrl} limits requests: continuing in ${seconds} s, to leave the rest to the runner`,
  );
}

function routeFindings(platformUrl: string, route: Route, env: Env): Finding[] {
  const findings: Finding[] = [];
  if (route.proxy !== null) {
    findings.push(note("proxy", `requests go through ${route.proxy.origin} (${route.proxy.variable})`));
  } else if (route.why === "no-proxy") findings.push(note("proxy", "none: NO_PROXY names this host"));
  else if (route.why === "this-machine") {
    findings.push(note("proxy", "none: this machine is reached without one"));
  }
  if (platformUrl.toLowerCase().startsWith("http:") && !isThisMachine(platformUrl)) {
    const detail = "http to another machine: anyone on the path can read the token; use https";
    findings.push(note("encryption", detail));
  }
  if (acceptsAnyCertificate(platformUrl, env)) {
    const detail =
      "certificates are not checked (NODE_TLS_REJECT_UNAUTHORIZED is 0): anyone on the path can read the token";
    findings.push(note("encryption", detail));
  }
  return findings;
}

function clockFindings(offsetMs: number): Finding[] {
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return [];
  const detail = `this machine's clock is ${describeOffset(offsetMs)}`;
  return [problem("clock", detail, "Set whichever clock is wrong, for example with NTP.")];
}
