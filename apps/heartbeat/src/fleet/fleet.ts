import type { Auth, AuthEvent, Env } from "@x/auth-core";
import { createNodeAuth, type FileStorageEvent, fileTokenStorage } from "@x/auth-node";
import type { Clock } from "../clock.ts";
import type { CardOf } from "../config/agent-card.ts";
import type { Config } from "../config/config.ts";
import { environmentFor } from "../config/environment.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { configsDirFor, INBOUND_SECRET_FILE, resultsPath } from "../storage/workspace-paths.ts";
import { createPlatformClient, type PlatformClient } from "../transport/client.ts";
import { createPooledTransport } from "../transport/pool.ts";
import { type AgentStatus, createWorkspaceAgent, type WorkspaceAgent } from "../workspace/agent.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.ts";
import { createScheduler } from "./scheduler.ts";

export interface FleetOptions {
  readonly config: Pick<Config, "configsDir" | "isFleet" | "timing" | "cardOf">;
  readonly env: Env;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent | FileStorageEvent) => void;
  readonly onSchedulingLag?: (ms: number) => void;
  /** How a platform is reached. Default: over HTTP. */
  readonly connect?: (platformUrl: string, clock: Clock) => PlatformClient;
}

/** The ids of the workspaces that a new list changed. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Have another token in the list, and use it from their next request on. */
  readonly rotated: readonly string[];
}

/** One workspace of a fleet, as it is now. */
export interface WorkspaceStatus extends AgentStatus {
  readonly id: string;
  readonly platformUrl: string;
  /** In how many milliseconds its next step is due, 0 when it is overdue; `null` while it waits for its platform. */
  readonly dueInMs: number | null;
}

/** Workspaces that are kept alive together: one schedule, one set of connections for each platform. */
export interface Fleet {
  /** Applies a list of workspaces. Those that did not change are not touched. */
  apply(workspaces: readonly WorkspaceConfig[]): Promise<Changes>;
  /** The agent cards from now on; they are sent with the next heartbeats. */
  setCards(cardOf: CardOf): void;
  run(stop: AbortSignal): Promise<void>;
  /** All workspaces in the order of their arrival. */
  workspaces(): WorkspaceStatus[];
}

interface Platform {
  readonly client: PlatformClient;
  readonly breaker: CircuitBreaker;
}

interface ManagedWorkspace {
  config: WorkspaceConfig;
  readonly auth: Auth;
  /** The workspace's own environment, read live by its `auth`. */
  readonly env: Record<string, string | undefined>;
  readonly agent: WorkspaceAgent;
}

export function createFleet(options: FleetOptions): Fleet {
  const {
    config,
    env,
    clock,
    random,
    onEvent,
    onAuthEvent,
    onSchedulingLag,
    connect = (url, clock) => createPlatformClient(url, clock, createPooledTransport(url)),
  } = options;
  const scheduler = createScheduler({
    clock,
    random,
    intervalMs: config.timing.intervalMs,
    ...(onSchedulingLag !== undefined && { onSchedulingLag }),
  });
  const managed = new Map<string, ManagedWorkspace>();
  let cardOf = config.cardOf;
  const platforms = new Map<string, Platform>();

  function platformAt(url: string): Platform {
    const platform = platforms.get(url) ?? {
      client: connect(url, clock),
      breaker: createCircuitBreaker(),
    };
    platforms.set(url, platform);
    return platform;
  }

  function add(workspace: WorkspaceConfig): void {
    const { id, platformUrl } = workspace;
    const { client, breaker } = platformAt(platformUrl);
    const own = environmentFor(workspace, config.isFleet, env);
    const where = { env: own, ...configsDirFor(id, config, env) };
    const auth = createNodeAuth({ ...where, onEvent: (event) => onAuthEvent(id, event) });
    const agent = createWorkspaceAgent({
      workspaceId: id,
      auth,
      openInboundSecret: () => fileTokenStorage({ ...where, fileName: INBOUND_SECRET_FILE }),
      resultsPath: resultsPath(id, config, env),
      client,
      card: cardOf(id),
      timing: config.timing,
      clock,
      random,
      emit: (event) => onEvent(id, event),
    });
    managed.set(id, { config: workspace, auth, env: own, agent });
    scheduler.add(agent, breaker);
  }

  function remove(id: string, { agent }: ManagedWorkspace): void {
    scheduler.remove(agent);
    managed.delete(id);
  }

  /** A changed token in the list replaces the one in use. */
  async function rotate(current: ManagedWorkspace, token: string): Promise<void> {
    const replaced = await current.auth.getToken();
    current.env.MOLECULE_WORKSPACE_TOKEN = token;
    if (replaced !== null && replaced !== token) current.auth.rejectToken(replaced);
    await current.auth.refreshCache();
  }

  return {
    async apply(workspaces) {
      const wanted = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
      const changes = { added: [] as string[], removed: [] as string[], rotated: [] as string[] };
      for (const [id, current] of [...managed]) {
        const next = wanted.get(id);
        if (next?.platformUrl === current.config.platformUrl) continue;
        remove(id, current);
        if (next === undefined) changes.removed.push(id);
      }
      for (const workspace of workspaces) {
        const current = managed.get(workspace.id);
        if (current === undefined) {
          add(workspace);
          changes.added.push(workspace.id);
          continue;
        }
        const { token } = workspace;
        if (token !== undefined && token !== current.config.token) {
          await rotate(current, token);
          changes.rotated.push(workspace.id);
        }
        current.config = workspace;
      }
      return changes;
    },
    setCards(next) {
      cardOf = next;
      for (const [id, { agent }] of managed) agent.setCard(next(id));
    },
    workspaces: () =>
      [...managed.values()].map(({ config: { id, platformUrl }, agent }) => {
        const dueAt = scheduler.dueAt(agent);
        const dueInMs = dueAt === null ? null : Math.max(0, dueAt - clock.monotonic());
        return { ...agent.status(), id, platformUrl, dueInMs };
      }),
    async run(stop) {
      await scheduler.run(stop);
      await Promise.all([...platforms.values()].map(({ client }) => client.close()));
    },
  };
}
