import { type Auth, AuthError, type Env } from "@x/auth-core";
import { systemClock } from "../clock.ts";
import { OtherRunners } from "../commands/other-runners.ts";
import { cardFromEnvironment } from "../config/agent-card.ts";
import { DEFAULT_TIMING } from "../config/timing.ts";
import { createFleet } from "../fleet/fleet.ts";
import type { Fleet } from "../fleet/fleet-types.ts";
import { createKnownTokens } from "../observability/known-tokens.ts";
import type { Log, LogMessage } from "../observability/log-message.ts";
import { createWorkspaceLog } from "../observability/workspace-log.ts";
import { createFileStore } from "../storage/file-store.ts";
import { userAgent } from "../version.ts";
import type { RuntimeReport } from "../workspace/agent-options.ts";
import type { MessageHandler } from "../workspace/inbox/message.ts";
import { callListener } from "./listener.ts";
import { Readiness } from "./readiness.ts";
import type { Settings } from "./settings.ts";
import { type RunningStatus, runningStatus, STARTING } from "./workspace-status.ts";

export interface KeepAliveOptions {
  readonly settings: Settings;
  readonly env: Env;
  /** `null` when messages are not fetched. */
  readonly onMessage: MessageHandler | null;
  readonly onLog: (entry: LogMessage) => void;
  /** Called after each event. */
  readonly onChange?: () => void;
  readonly runtime?: () => RuntimeReport;
}

/** A workspace that is kept alive by this thread. */
export interface KeptAlive {
  readonly auth: Auth;
  readonly ready: Promise<void>;
  status(): RunningStatus;
  /** @throws AuthError `STORAGE_WRITE_FAILED` when a token is lost */
  stop(): Promise<void>;
}

/** A fleet of one workspace. */
export function keepAlive(options: KeepAliveOptions): KeptAlive {
  const { settings, env, onMessage, onLog, onChange = () => {}, runtime } = options;
  const { workspaceId, platformUrl, workspaceUrl, agentCard } = settings;
  const clock = systemClock();
  const { hide, redact } = createKnownTokens();
  hide("environment", env.MOLECULE_WORKSPACE_TOKEN ?? "");
  const write = ({ level, code, text }: LogMessage) =>
    void callListener(onLog, { level, code, text: redact(text) });
  const workspaceLog = createWorkspaceLog({
    clock,
    platformOf: (id) => fleet.platformOf(id),
    write: (_, message) => write(message),
  });
  const store = createFileStore({
    configsDir: settings.configsDir,
    env,
    layout: "single",
    onEvent: (_, event) => workspaceLog.authEvent(workspaceId, event),
    onSecret: (_, text) => hide(workspaceId, text),
  });
  const log: Pick<Log, "warn"> = { warn: ({ code }, text) => write({ level: "warn", code, text }) };
  const others = new OtherRunners({ store, clock, log });
  const fleet: Fleet = createFleet({
    store,
    timing: { ...DEFAULT_TIMING, intervalMs: settings.intervalMs },
    cardOf: agentCard === undefined ? cardFromEnvironment(env) : () => agentCard,
    env,
    clock,
    random: Math.random,
    userAgent,
    onEvent(_, event) {
      workspaceLog.event(workspaceId, event);
      readiness.observe(event);
      onChange();
    },
    onAuthEvent: workspaceLog.authEvent,
    onSecret: hide,
    messages: onMessage && {
      onMessage,
      everyMs: settings.inboxIntervalMs,
      timeoutMs: settings.messageTimeoutMs,
      since: others.since,
    },
    ...(runtime !== undefined && { runtime }),
  });
  const workspace = {
    id: workspaceId,
    platformUrl,
    ownPlatform: false,
    isListed: false,
    ...(workspaceUrl !== undefined && { url: workspaceUrl }),
  };
  fleet.add(workspace);
  const auth = fleet.authOf(workspaceId);
  if (auth === undefined) throw new Error("a workspace that was added is there");
  const readiness = new Readiness(async () => (await auth.getToken()) !== null);
  const stopping = new AbortController();
  let last: RunningStatus = STARTING;

  async function run(): Promise<void> {
    // The caller may stop it at once; then nothing is sent.
    await null;
    const watching = others.watch(stopping.signal);
    try {
      await fleet.run(stopping.signal);
    } finally {
      stopping.abort();
      await watching;
      last = { ...current(), state: "stopped" };
      await store.close();
    }
    readiness.fail(stopping.signal.reason);
    onChange();
    if (fleet.unsaved().length === 0) return;
    const error = lost();
    // A signal that stopped it hears of no rejection.
    write({ level: "error", code: "TOKEN_LOST", text: error.message });
    throw error;
  }

  const current = (): RunningStatus => {
    const [status] = fleet.workspaces();
    return status === undefined ? last : runningStatus(status, redact);
  };
  const running = run();
  running.catch(() => {});
  return {
    auth,
    ready: readiness.promise,
    status: () => (last.state === "stopped" ? last : current()),
    stop() {
      stopping.abort();
      return running;
    },
  };
}

const lost = () =>
  new AuthError(
    "STORAGE_WRITE_FAILED",
    "The workspace stopped with a token that could not be stored anywhere; the platform has to issue a new one.",
  );
