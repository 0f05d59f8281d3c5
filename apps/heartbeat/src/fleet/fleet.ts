import type { AuthEvent, Env } from "@x/auth-core";
import type { Clock } from "../clock.ts";
import type { CardOf } from "../config/agent-card.ts";
import type { Timing } from "../config/timing.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { refKey, type WorkspaceStore } from "../storage/workspace-store.ts";
import { type Connect, connect } from "../transport/connection.ts";
import type { AgentStatus } from "../workspace/agent.ts";
import type { UnsavedToken } from "../workspace/credentials.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { Action } from "../workspace/state-machine.ts";
import { type Changes, planChanges } from "./changes.ts";
import { Draining } from "./draining.ts";
import { ListTokenPlatforms } from "./list-token.ts";
import { ManagedWorkspace } from "./managed-workspace.ts";
import { phaseOf } from "./phases.ts";
import { Platforms } from "./platforms.ts";
import { createScheduler } from "./scheduler.ts";

export interface FleetOptions {
  readonly store: WorkspaceStore;
  readonly timing: Timing;
  readonly cardOf: CardOf;
  /** Where the token and the tenant of a workspace without a list entry of its own are read, live. */
  readonly env: Env;
  readonly clock: Clock;
  readonly random: () => number;
  /** Product and version, for `User-Agent`. */
  readonly userAgent: string;
  readonly onEvent: (workspaceId: string, event: WorkspaceEvent) => void;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent) => void;
  readonly onSchedulingLag?: (ms: number) => void;
  /** How a platform is reached. @default over HTTP */
  readonly connect?: Connect;
}

/** How a workspace begins. */
interface AddOptions {
  /** `heartbeat`: another runner kept it alive until now. @default "register" */
  readonly begin?: Action;
  /** Removes it again. */
  readonly signal?: AbortSignal;
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
  /**
   * Begins with a workspace, once nothing of an earlier one with the same platform and id is in flight any more. One with
   * that id which the fleet has is removed.
   */
  add(workspace: WorkspaceConfig, options?: AddOptions): void;
  /**
   * Ends a workspace. Settles when nothing of it is in flight any more, nor of an earlier one with that id: from then on
   * nothing is sent or stored for it. A request in flight is waited for, because its answer may hold a token.
   */
  remove(id: string): Promise<void>;
  /** Applies a list of workspaces. Those that did not change are not touched; what is removed is not waited for. */
  apply(workspaces: readonly WorkspaceConfig[]): Promise<Changes>;
  /** The agent cards from now on. */
  setCards(cardOf: CardOf): void;
  /** Settles after `stop` aborted and all has ended. */
  run(stop: AbortSignal): Promise<void>;
  /** All workspaces in the order of their arrival. */
  workspaces(): WorkspaceStatus[];
  /** Ids of workspaces, removed ones included, with a token or a secret that would be lost with this process. */
  unsaved(): string[];
}

/** What a removed workspace could not store in its own location. */
interface LeftBehind {
  readonly id: string;
  readonly token: UnsavedToken | null;
  /** Nothing durable has it. */
  readonly isLost: boolean;
}

export function createFleet(options: FleetOptions): Fleet {
  const { store, timing, clock, random, userAgent, onSchedulingLag, onEvent } = options;
  const scheduler = createScheduler({
    clock,
    random,
    intervalMs: timing.intervalMs,
    ...(onSchedulingLag !== undefined && { onSchedulingLag }),
  });
  const platforms = new Platforms({
    clock,
    timeoutMs: timing.timeoutMs,
    userAgent,
    connect: options.connect ?? connect,
  });
  const environment = { store, timing, clock, random, onEvent };
  const managed = new Map<string, ManagedWorkspace>();
  const draining = new Draining();
  const listTokens = new ListTokenPlatforms();
  /** By platform and id: what removed workspaces could not store. Their successors take it. */
  const leftBehind = new Map<string, LeftBehind>();
  let cardOf = options.cardOf;
  /** Which workspaces may have a spilled token; `null` while that is not known: then each looks for its own. */
  let spilled: ReadonlySet<string> | null = null;

  function add(config: WorkspaceConfig, { begin = "register", signal }: AddOptions = {}): void {
    if (signal?.aborted) return;
    const replaced = managed.get(config.id);
    if (replaced !== undefined) end(replaced);
    const workspace = new ManagedWorkspace(config, options, listTokens);
    managed.set(config.id, workspace);
    signal?.addEventListener("abort", () => end(workspace), { once: true });
    const drained = draining.of(workspace.ref);
    if (drained === undefined) start(workspace, begin);
    else void drained.then(() => start(workspace, begin));
  }

  function start(workspace: ManagedWorkspace, begin: Action): void {
    const { config, ref } = workspace;
    // Removed again while it waited.
    if (managed.get(config.id) !== workspace) return;
    const platform = platforms.at(config.platformUrl);
    const key = refKey(ref);
    const agent = workspace.start({
      environment,
      begin,
      createClient: platform.createClient,
      card: cardOf(config.id),
      hasSpilledToken: spilled?.has(key) ?? true,
      unsavedToken: leftBehind.get(key)?.token ?? null,
    });
    leftBehind.delete(key);
    scheduler.add(agent, { platform, phase: phaseOf(key) });
  }

  function end(workspace: ManagedWorkspace): void {
    const { config, ref, agent } = workspace;
    if (managed.get(config.id) === workspace) managed.delete(config.id);
    if (agent === null || workspace.isEnded) return;
    workspace.isEnded = true;
    agent.close();
    const drained = scheduler.remove(agent).then(() => {
      const token = agent.unsavedToken();
      const { unsaved } = agent.status();
      if (token !== null || unsaved) leftBehind.set(refKey(ref), { id: config.id, token, isLost: unsaved });
    });
    draining.add(ref, drained);
  }

  return {
    add,
    remove(id) {
      const workspace = managed.get(id);
      if (workspace !== undefined) end(workspace);
      return draining.ofId(id);
    },
    async apply(workspaces) {
      if (managed.size === 0) spilled = await store.spilled().catch(() => null);
      const plan = planChanges(
        [...managed.values()].map(({ config }) => config),
        workspaces,
      );
      for (const id of plan.ended) {
        const workspace = managed.get(id);
        if (workspace !== undefined) end(workspace);
      }
      for (const config of plan.started) add(config);
      for (const config of plan.rotated) await managed.get(config.id)?.rotate(config);
      return plan.changes;
    },
    setCards(next) {
      cardOf = next;
      for (const [id, { agent }] of managed) agent?.setCard(next(id));
    },
    workspaces: () =>
      [...managed.values()].flatMap(({ config: { id, platformUrl }, agent }) => {
        if (agent === null) return [];
        const dueAt = scheduler.dueAt(agent);
        const dueInMs = dueAt === null ? null : Math.max(0, dueAt - clock.monotonic());
        return { ...agent.status(), id, platformUrl, dueInMs };
      }),
    unsaved: () => [
      ...new Set([
        ...[...leftBehind.values()].filter(({ isLost }) => isLost).map(({ id }) => id),
        ...[...managed.values()]
          .filter(({ agent }) => agent?.status().unsaved)
          .map(({ config }) => config.id),
      ]),
    ],
    async run(stop) {
      await scheduler.run(stop);
      await draining.all();
      await platforms.close();
    },
  };
}
