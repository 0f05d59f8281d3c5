import { lstatSync, readFileSync } from "node:fs";
import { keptAside } from "./careless-agents.ts";
import type { SimulatedAgent } from "./simulated-agent.ts";

export interface AuditOptions {
  /** How long a workspace may take, while the platform is up, to connect with the tokens that it has received. */
  readonly marginMs: number;
  readonly rotationMs: number;
  readonly upMs: () => number;
  readonly now: () => number;
}

/** The longest times without an accepted heartbeat of any workspace, in milliseconds. */
export interface Silence {
  /** Clock time, including outages. */
  readonly wallMs: number;
  /** Time with the platform up. */
  readonly upMs: number;
  /** Time with the platform up and the workspace in possession of a live token. */
  readonly reachableMs: number;
}

/** Detects locked-out workspaces and lost tokens. */
export interface Audit {
  /** Called before a workspace's situation changes. */
  observe(agent: SimulatedAgent): void;
  /** Checks all of them now: the stored tokens, and how long they have been silent. */
  inspect(agents: Iterable<SimulatedAgent>): void;
  /** Workspaces without an accepted heartbeat since `since`, on the clock. */
  silentSince(agents: Iterable<SimulatedAgent>, since: number): string[];
  readonly silence: () => Silence;
  /** Workspaces that were ever locked out. */
  readonly lockedOut: ReadonlySet<string>;
  /** Live tokens that the agent received but that the runner would not find after a restart. */
  readonly lost: () => number;
}

export function createAudit({ marginMs, rotationMs, upMs, now }: AuditOptions): Audit {
  const lockedOut = new Set<string>();
  const longest = { wallMs: 0, upMs: 0, reachableMs: 0 };
  let lost = 0;

  function observe({ id, acceptedAt, acceptedWall, reachableSince }: SimulatedAgent): void {
    const silent = upMs() - acceptedAt;
    const reachable = reachableSince === null ? 0 : upMs() - Math.max(acceptedAt, reachableSince);
    longest.wallMs = Math.max(longest.wallMs, now() - acceptedWall);
    longest.upMs = Math.max(longest.upMs, silent);
    longest.reachableMs = Math.max(longest.reachableMs, reachable);
    if (silent > rotationMs + marginMs || reachable > marginMs) lockedOut.add(id);
  }

  function hasLost({ live, listToken, reachableSince, tokenFile, spillFile }: SimulatedAgent): boolean {
    if (live.size === 0 || reachableSince === null || upMs() - reachableSince < marginMs) return false;
    return ![stored(tokenFile), stored(keptAside(tokenFile)), stored(spillFile), listToken].some(
      (token) => token !== null && live.has(token),
    );
  }

  return {
    observe,
    inspect(agents) {
      for (const agent of agents) {
        observe(agent);
        if (hasLost(agent)) lost += 1;
      }
    },
    silentSince: (agents, since) =>
      [...agents].filter(({ acceptedWall }) => acceptedWall < since).map(({ id }) => id),
    silence: () => ({ ...longest }),
    lockedOut,
    lost: () => lost,
  };
}

function stored(file: string): string {
  // A pipe would hold this process.
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return "";
  return readFileSync(file, "utf8").trim();
}
