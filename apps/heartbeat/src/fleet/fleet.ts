import type { WorkspaceConfig } from "../config/workspaces.ts";
import { refKey } from "../storage/workspace-store.ts";
import { connectThrough } from "../transport/connection.ts";
import { readProxies } from "../transport/proxies.ts";
import type { AgentEnvironment } from "../workspace/agent-options.ts";
import type { InboxSettings } from "../workspace/inbox/inbox-options.ts";
import { MessageTurns } from "../workspace/inbox/turns.ts";
import type { Action } from "../workspace/state-machine.ts";
import { planChanges } from "./changes.ts";
import { Draining } from "./draining.ts";
import type { AddOptions, Fleet, FleetOptions, MessageOptions } from "./fleet-types.ts";
import { LeftBehind } from "./left-behind.ts";
import { ListTokenPlatforms } from "./list-token.ts";
import { ManagedWorkspace } from "./managed-workspace.ts";
import { phaseOf } from "./phases.ts";
import { type PlatformAccess, Platforms } from "./platforms.ts";
import { createScheduler } from "./scheduler.ts";

export function createFleet(options: FleetOptions): Fleet {
  const { store, timing, clock, random, userAgent, onSchedulingLag, onEvent } = options;
  const scheduler = createScheduler({
    clock,
    random,
    intervalMs: timing.intervalMs,
    ...(onSchedulingLag !== undefined && { onSchedulingLag }),
  });
  const turns = new MessageTurns(options.messages?.concurrency ?? 64);
  const inbox = options.messages ? inboxSettings(options.messages, turns) : null;
  const platforms = new Platforms({
    clock,
    timing,
    inboxMs: inbox?.everyMs ?? null,
    userAgent,
    onClockOffset: options.onClockOffset,
    ...(options.onPace !== undefined && { onPace: options.onPace }),
    connect: options.connect ?? connectThrough(readProxies(options.env)),
  });
  const { lease, runtime } = options;
  const environment = {
    store,
    clock,
    random,
    onEvent,
    inbox,
    runtime,
    ...(lease !== undefined && { lease }),
  };
  /** The same for all workspaces of a platform. */
  const environments = new Map<PlatformAccess, AgentEnvironment>();
  const environmentAt = (platform: PlatformAccess): AgentEnvironment => {
    const known = environments.get(platform) ?? { ...environment, timing: platform.timing };
    environments.set(platform, known);
    return known;
  };
  const managed = new Map<string, ManagedWorkspace>();
  const draining = new Draining();
  const listTokens = new ListTokenPlatforms();
  const leftBehind = new LeftBehind({ clock, everyMs: timing.intervalMs, draining });
  let cardOf = options.cardOf;
  /** Which workspaces may have a spilled token; `null` while that is unknown: then each checks for itself. */
  let spilled: ReadonlySet<string> | null = null;
  /** No workspace begins or is removed any more: `run` stores what is left. */
  let isOver = false;

  function add(config: WorkspaceConfig, { begin = "register", signal }: AddOptions = {}): void {
    if (isOver || signal?.aborted) return;
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
    // It was removed while it waited.
    if (isOver || managed.get(config.id) !== workspace) return;
    const platform = platforms.at(config.platformUrl);
    const key = refKey(ref);
    const agent = workspace.start({
      environment: environmentAt(platform),
      begin,
      createClient: platform.createClient,
      card: cardOf(config.id),
      ...(config.url !== undefined && { url: config.url }),
      hasSpilledToken: store.spillsAtOnce || (spilled?.has(key) ?? true),
      unsavedToken: leftBehind.take(ref),
    });
    platform.pacer.add();
    scheduler.add(agent, { platform, phase: phaseOf(key) });
  }

  function end(workspace: ManagedWorkspace): void {
    if (isOver) return;
    const { config, ref, agent } = workspace;
    if (managed.get(config.id) === workspace) managed.delete(config.id);
    if (agent === null || workspace.isEnded) return;
    workspace.isEnded = true;
    platforms.at(config.platformUrl).pacer.remove();
    const drained = Promise.all([scheduler.remove(agent), agent.close()]).then(() => {
      const token = agent.unsavedToken();
      workspace.close();
      // Tokens next to the runner's state are read from there, or stored in the shared store meanwhile.
      if (token === null || (store.spillsAtOnce && token.isSpilled)) return;
      leftBehind.add({ ref, agent });
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
    async apply(workspaces, beginOf = () => "register") {
      if (managed.size === 0) spilled = await store.spilled().catch(() => null);
      const plan = planChanges(
        [...managed.values()].map(({ config }) => config),
        workspaces,
      );
      for (const id of plan.ended) {
        const workspace = managed.get(id);
        if (workspace !== undefined) end(workspace);
      }
      for (const config of plan.started) add(config, { begin: beginOf(config) });
      for (const config of plan.rotated) await managed.get(config.id)?.rotate(config);
      return plan.changes;
    },
    setCards(next) {
      cardOf = next;
      for (const [id, { agent }] of managed) agent?.setCard(next(id));
    },
    authOf: (id) => managed.get(id)?.auth,
    isBegun: (id) => (managed.get(id)?.agent?.status().state.phase ?? "registering") !== "registering",
    platformOf: (id) => managed.get(id)?.ref.platformOrigin,
    workspaces: () =>
      [...managed.values()].flatMap(({ config: { id, platformUrl }, agent }) => {
        if (agent === null) return [];
        const dueAt = scheduler.dueAt(agent);
        const dueInMs = dueAt === null ? null : Math.max(0, dueAt - clock.monotonic());
        return { ...agent.status(), id, platformUrl, dueInMs };
      }),
    paces: () => platforms.paces(),
    unsaved: () => [
      ...new Set([
        ...leftBehind.unsaved(),
        ...[...managed.values()]
          .filter(({ agent }) => agent?.status().unsaved)
          .map(({ config }) => config.id),
      ]),
    ],
    async run(stop) {
      stop.addEventListener("abort", () => void turns.stop(), { once: true });
      await scheduler.run(stop);
      await turns.stop();
      isOver = true;
      await draining.all();
      // Where few files may be open at once, connections take what storing a token needs.
      await platforms.close();
      // The disk may work again since the last heartbeat.
      for (const { ref, agent } of managed.values()) {
        if (agent?.status().unsaved) draining.add(ref, agent.retryUnsaved());
      }
      await draining.all();
      await leftBehind.end();
    },
  };
}

const inboxSettings = (
  { onMessage, everyMs = 5_000, timeoutMs = 300_000, since }: MessageOptions,
  turns: MessageTurns,
): InboxSettings => ({ onMessage, everyMs, timeoutMs, turns, ...(since !== undefined && { since }) });
