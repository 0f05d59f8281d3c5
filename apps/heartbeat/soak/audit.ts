import { readFileSync } from "node:fs";
import type { SimulatedAgent } from "./simulated-agent.ts";

export interface AuditOptions {
  /** How long a workspace may take, while the platform is up, to get in with what it was given. */
  readonly marginMs: number;
  readonly rotationMs: number;
  readonly upMs: () => number;
  readonly now: () => number;
}

/** The longest times without an accepted heartbeat, of whichever workspace, in milliseconds. */
export interface Silence {
  /** On the clock, outages and all. */
  readonly wallMs: number;
  /** Of the platform being up: what the workspace could have used. */
  readonly upMs: number;
  /** Of the platform being up and the workspace having been given a token that is live. */
  readonly reachableMs: number;
}

/** Finds workspaces that are locked out, and tokens that are lost. */
export interface Audit {
  /** Before a workspace's situation changes. */
  observe(agent: SimulatedAgent): void;
  /** Checks all of them now: what is stored, and how long they have been silent. */
  inspect(agents: Iterable<SimulatedAgent>): void;
  /** Workspaces that had no heartbeat accepted since `since`, on the clock. */
  silentSince(agents: Iterable<SimulatedAgent>, since: number): string[];
  readonly silence: () => Silence;
  /** Workspaces that were locked out at some time. */
  readonly lockedOut: ReadonlySet<string>;
  /** Live tokens that the agent received but the runner would not find after a restart. */
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
    return ![stored(tokenFile), stored(spillFile), listToken].some(
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
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
