import type { Auth, Env } from "@x/auth-core";
import type { Clock } from "../clock.ts";
import type { CommandSettings } from "../config/command-flags.ts";
import type { Config } from "../config/config.ts";
import { onlyWorkspace } from "../config/only-workspace.ts";
import { ConfigError } from "../config/problems.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { LogRecord } from "../observability/log-message.ts";
import { type OpenedProxy, openProxy } from "../proxy/open-proxy.ts";
import { CommandResources } from "../supervisor/command-resources.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";
import type { ExitCode } from "./exit-codes.ts";
import { endProcess, type ShutdownOptions, untilSignal } from "./shutdown.ts";

export interface BesideOptions {
  readonly env: Env;
  readonly clock: Clock;
  /** The workspace's tokens, once it has been added. */
  readonly authOf: (workspaceId: string) => Auth | undefined;
  readonly log: (message: LogRecord) => void;
  readonly shutdown: ShutdownOptions;
}

/** What runs next to the heartbeats: a command, a proxy, both or nothing. */
export interface Beside {
  observe(event: WorkspaceEvent): void;
  /** Starts to listen. @throws ConfigError when it cannot */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Runs until the command exits, or without a command until a signal. */
  during<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T>;
  /** The command's exit code; the runner's own if the command succeeded or there is none. */
  exitCode(own: ExitCode): number;
}

/** @throws ConfigError when the workspace is ambiguous, or another runner may own it */
export function createBeside(config: Config, options: BesideOptions): Beside {
  const { command, proxySocket } = config;
  if (command === null && proxySocket === null) return nothing(options);
  if (config.store !== null) {
    throw new ConfigError([
      "With --store any runner may keep the workspace, so a command or a proxy cannot run here: run them without --store.",
    ]);
  }
  const workspace = onlyWorkspace(config, command === null ? "the proxy is for" : "the command is for");
  return command === null
    ? justProxy(proxySocket ?? "", workspace, options)
    : withCommand(command, { proxySocket, workspace }, options);
}

const nothing = ({ shutdown }: BesideOptions): Beside => ({
  observe() {},
  async open() {},
  async close() {},
  during: (work) => untilSignal(work, shutdown),
  exitCode: (own) => own,
});

async function listen(
  socket: string,
  workspace: WorkspaceConfig,
  { env, authOf, log }: BesideOptions,
): Promise<OpenedProxy> {
  const auth = authOf(workspace.id);
  if (auth === undefined) throw new Error("a workspace that was added is there");
  const proxy = await openProxy({ socket }, { auth, workspace, env });
  log({
    level: "info",
    code: "PROXY_OPENED",
    text: `requests to ${proxy.location} are signed for the platform`,
  });
  return proxy;
}

function justProxy(socket: string, workspace: WorkspaceConfig, options: BesideOptions): Beside {
  let proxy: OpenedProxy | null = null;
  return {
    ...nothing(options),
    async open() {
      proxy = await listen(socket, workspace, options);
    },
    async close() {
      await proxy?.close();
    },
  };
}

interface CommandParts {
  readonly proxySocket: string | null;
  readonly workspace: WorkspaceConfig;
}

function withCommand(
  settings: CommandSettings,
  { proxySocket, workspace }: CommandParts,
  options: BesideOptions,
): Beside {
  const { env, clock, authOf, log, shutdown } = options;
  const resources = new CommandResources({
    env,
    workspace,
    tokenEnv: settings.tokenEnv,
    auth: () => authOf(workspace.id),
    log,
  });
  let proxy: OpenedProxy | null = null;
  const supervisor = new Supervisor({
    settings,
    clock,
    log,
    environment: () => resources.environment(),
    exit: (code) => endProcess(code, shutdown),
  });
  return {
    observe(event) {
      if (event.type === "registered" || event.type === "heartbeat") supervisor.start();
      else if (event.type === "token-saved" || event.type === "token-recovered") resources.tokenChanged();
    },
    async open() {
      const socket = await resources.open(proxySocket);
      try {
        proxy = await listen(socket, workspace, options);
      } catch (error) {
        await resources.close().catch(() => {});
        throw error;
      }
    },
    async close() {
      await proxy?.close();
      await resources.close();
    },
    during: (work) => supervisor.during(work),
    exitCode: (own) => supervisor.exitCode || own,
  };
}
