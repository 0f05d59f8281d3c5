import type { Auth, AuthEvent, Env } from "@x/auth-core";
import { createNodeAuth, type FileStorageEvent, fileTokenStorage } from "@x/auth-node";
import type { Clock } from "../clock.ts";
import type { CardOf } from "../config/agent-card.ts";
import type { Config } from "../config/config.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { createPlatformClient, type PlatformClient } from "../platform/client.ts";
import { createPooledTransport } from "../platform/pooled-transport.ts";
import type { Notice } from "../worker/notices.ts";
import { createWorker, type Worker, type WorkerView } from "../worker/worker.ts";
import { createPlatformGate, type PlatformGate } from "./platform-gate.ts";
import { createScheduler } from "./scheduler.ts";
import { configsDirFor, INBOUND_SECRET_FILE, resultsPath, variablesFor } from "./surroundings.ts";

export interface FleetOptions {
  readonly config: Pick<Config, "configsDir" | "isFleet" | "pace" | "cardOf">;
  readonly env: Env;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onNotice: (workspaceId: string, notice: Notice) => void;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent | FileStorageEvent) => void;
  readonly onLateness?: (ms: number) => void;
  /** How a platform is reached. Default: over HTTP. */
  readonly connect?: (platformUrl: string, clock: Clock) => PlatformClient;
}

/** What a new list of workspaces changed: ids. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Got another token in the list, and use it from their next request on. */
  readonly rotated: readonly string[];
}

/** One workspace of a fleet, as it is now. */
export interface MemberView extends WorkerView {
  readonly id: string;
  readonly platformUrl: string;
  /** In how many milliseconds its next step is due, 0 when it is overdue; `null` while it waits for its platform. */
  readonly dueInMs: number | null;
}

/** Workspaces that are kept alive together: one schedule, one set of connections for each platform. */
export interface Fleet {
  /** Takes over a list of workspaces. Those that did not change go on as if nothing had happened. */
  apply(workspaces: readonly WorkspaceConfig[]): Promise<Changes>;
  /** What the workspaces say of themselves from now on; the platform is told with the next beats. */
  setCards(cardOf: CardOf): void;
  run(stop: AbortSignal): Promise<void>;
  /** All workspaces in the order of their arrival. */
  members(): MemberView[];
}

interface Platform {
  readonly client: PlatformClient;
  readonly gate: PlatformGate;
}

interface Member {
  config: WorkspaceConfig;
  readonly auth: Auth;
  /** The member's own variables, read live by its `auth`. */
  readonly env: Record<string, string | undefined>;
  readonly worker: Worker;
}

export function createFleet(options: FleetOptions): Fleet {
  const {
    config,
    env,
    clock,
    random,
    onNotice,
    onAuthEvent,
    onLateness,
    connect = (url, clock) => createPlatformClient(url, clock, createPooledTransport(url)),
  } = options;
  const scheduler = createScheduler({
    clock,
    random,
    intervalMs: config.pace.intervalMs,
    ...(onLateness !== undefined && { onLateness }),
  });
  const members = new Map<string, Member>();
  let cardOf = config.cardOf;
  const platforms = new Map<string, Platform>();

  function platformAt(url: string): Platform {
    const platform = platforms.get(url) ?? {
      client: connect(url, clock),
      gate: createPlatformGate(),
    };
    platforms.set(url, platform);
    return platform;
  }

  function add(workspace: WorkspaceConfig): void {
    const { id, platformUrl } = workspace;
    const { client, gate } = platformAt(platformUrl);
    const own = variablesFor(workspace, config.isFleet, env);
    const where = { env: own, ...configsDirFor(id, config, env) };
    const auth = createNodeAuth({ ...where, onEvent: (event) => onAuthEvent(id, event) });
    const worker = createWorker({
      workspaceId: id,
      auth,
      openInboundSecret: () => fileTokenStorage({ ...where, fileName: INBOUND_SECRET_FILE }),
      resultsPath: resultsPath(id, config, env),
      client,
      card: cardOf(id),
      pace: config.pace,
      clock,
      random,
      notify: (notice) => onNotice(id, notice),
    });
    members.set(id, { config: workspace, auth, env: own, worker });
    scheduler.add(worker, gate);
  }

  function remove(id: string, { worker }: Member): void {
    scheduler.remove(worker);
    members.delete(id);
  }

  /** The list's new token goes before the one in use, which whoever changed the list has replaced. */
  async function rotate(member: Member, token: string): Promise<void> {
    const replaced = await member.auth.getToken();
    member.env.MOLECULE_WORKSPACE_TOKEN = token;
    if (replaced !== null && replaced !== token) member.auth.rejectToken(replaced);
    await member.auth.refreshCache();
  }

  return {
    async apply(workspaces) {
      const wanted = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
      const changes = { added: [] as string[], removed: [] as string[], rotated: [] as string[] };
      for (const [id, member] of [...members]) {
        const next = wanted.get(id);
        if (next?.platformUrl === member.config.platformUrl) continue;
        remove(id, member);
        if (next === undefined) changes.removed.push(id);
      }
      for (const workspace of workspaces) {
        const member = members.get(workspace.id);
        if (member === undefined) {
          add(workspace);
          changes.added.push(workspace.id);
          continue;
        }
        const { token } = workspace;
        if (token !== undefined && token !== member.config.token) {
          await rotate(member, token);
          changes.rotated.push(workspace.id);
        }
        member.config = workspace;
      }
      return changes;
    },
    setCards(next) {
      cardOf = next;
      for (const [id, { worker }] of members) worker.setCard(next(id));
    },
    members: () =>
      [...members.values()].map(({ config: { id, platformUrl }, worker }) => {
        const dueAt = scheduler.dueAt(worker);
        const dueInMs = dueAt === null ? null : Math.max(0, dueAt - clock.monotonic());
        return { ...worker.view(), id, platformUrl, dueInMs };
      }),
    async run(stop) {
      await scheduler.run(stop);
      await Promise.all([...platforms.values()].map(({ client }) => client.close()));
    },
  };
}
