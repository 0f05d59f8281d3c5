import type { Env } from "@x/auth-core";
import { type Clock, systemClock } from "../clock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterReport } from "../cluster/cluster-report.ts";
import type { Config, Flags } from "../config/config.ts";
import { PendingCalls } from "../config/pending-calls.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { createFleet } from "../fleet/fleet.ts";
import type { Fleet } from "../fleet/fleet-types.ts";
import { clusterMessage } from "../observability/cluster-messages.ts";
import type { Display } from "../observability/display.ts";
import { Hourly } from "../observability/hourly.ts";
import type { LogRecord } from "../observability/log-message.ts";
import { paceMessage } from "../observability/pace-messages.ts";
import type { Status } from "../observability/status.ts";
import { createService } from "../observability/systemd/service.ts";
import { createWorkspaceLog } from "../observability/workspace-log.ts";
import { connectThrough } from "../transport/connection.ts";
import { readProxies } from "../transport/proxies.ts";
import { userAgent } from "../version.ts";
import { createBeside } from "./beside.ts";
import { EXIT } from "./exit-codes.ts";
import { letHeapGrow } from "./heap-growth.ts";
import { messageCommand } from "./message-command.ts";
import type { SharedStore } from "./open-shared-store.ts";
import { openStore } from "./open-store.ts";
import { OtherRunners } from "./other-runners.ts";
import { createPlatformNotes } from "./platform-notes.ts";
import { watchStart } from "./rejected-at-start.ts";
import { followConfig } from "./reload.ts";
import { logClockOffset, logEnd, logStart, logStopping } from "./run-lines.ts";
import { endProcess } from "./shutdown.ts";
import { waitForStore } from "./wait-for-store.ts";

/**
 * Registers the configured workspaces and keeps them alive until a signal arrives.
 *
 * @returns the command's exit code, if there is one; `EXIT.unsaved` when an issued token is only in memory
 * @throws ConfigError when the status cannot be served, or the proxy cannot listen; nothing has been sent then
 */
export async function run(config: Config, flags: Flags, env: Env, display: Display): Promise<number> {
  const { log } = display;
  const write = ({ level, code, text }: LogRecord, workspace?: string) =>
    log[level]({ code, ...(workspace !== undefined && { workspace }) }, text);
  const clock = systemClock();
  const workspaceLog = createWorkspaceLog({
    clock,
    write: (workspace, message) => write(message, workspace),
    platformOf: (id) => fleet.platformOf(id),
  });
  const cluster = await joinable(config, { display, clock });
  const { store, files, shared } = await openStore(config, {
    env,
    onEvent: workspaceLog.authEvent,
    onSecret: display.hide,
    onRestored: (count) => write(clusterMessage({ type: "tokens-restored", count })),
    ...(cluster !== null && { fenceOf: (ref) => cluster.fenceOf(ref) }),
  });
  let isStarting = shared !== null;
  let status: Status | null = null;
  const start = watchStart(config, { flags, env, store });
  const isRejected = () => start?.signal.aborted ?? false;
  const proxies = readProxies(env);
  const notePlatforms = createPlatformNotes({ env, proxies, log });
  const hourly = new Hourly(clock);
  const configCalls = new PendingCalls();
  const doDisksHang = () => store.isStuck() || configCalls.isStuck;
  const shutdown = { isStuck: () => doDisksHang() || display.isStuck };
  const beside = createBeside(config, { env, clock, authOf: (id) => fleet.authOf(id), log: write, shutdown });
  const others = new OtherRunners({ store: files, clock, log });
  const fleet: Fleet = createFleet({
    store,
    timing: config.timing,
    cardOf: config.cardOf,
    env,
    clock,
    random: Math.random,
    userAgent,
    onEvent(workspace, event) {
      status?.observe(event);
      workspaceLog.event(workspace, event);
      start?.observe(event);
      beside.observe(event);
    },
    connect: connectThrough(proxies),
    onClockOffset: (origin, ms) =>
      logClockOffset(origin, ms, { log, isDue: () => hourly.isDue(origin, "clock") }),
    onSchedulingLag: (ms) => status?.observeSchedulingLag(ms),
    onPace: (event) => write(paceMessage(event)),
    onAuthEvent: workspaceLog.authEvent,
    onSecret: display.hide,
    messages: config.messages && {
      ...config.messages,
      onMessage: messageCommand(config.messages.command, env, { hasStore: config.store !== null }),
      since: others.since,
    },
    ...(cluster !== null && { lease: cluster.lease }),
  });
  const service = createService({
    env,
    workspaces: fleet.workspaces,
    isJoined: () => cluster === null || cluster.status().membership === "member",
    onFailure: (why) =>
      log.warn(
        { code: "SYSTEMD_NOTIFY_FAILED" },
        `systemd cannot be notified (${why}): install systemd-notify, or use Type=exec without WatchdogSec=`,
      ),
  });
  const apply = (workspaces: readonly WorkspaceConfig[]) => {
    letHeapGrow(workspaces.length);
    return (cluster ?? fleet).apply(workspaces);
  };
  if (config.status !== null) {
    const { openStatus } = await import("../observability/status.ts");
    status = await openStatus(config.status, {
      workspaces: fleet.workspaces,
      clock,
      timing: config.timing,
      droppedLogLines: () => display.dropped,
      paces: fleet.paces,
      isStarting: () => isStarting,
      redact: display.redact,
      cluster: cluster ?? undefined,
      clusterReport: reporterOf(cluster, config, shared),
    });
    log.info({ code: "STATUS_SERVED" }, `status at ${status.url}/health and ${status.url}/metrics`);
  }
  const reloads = {
    began: () => service.reloading(),
    ended(isApplied: boolean) {
      status?.observeReload(isApplied);
      service.reloaded();
    },
  };
  const keepAlive = async (stop: AbortSignal) => {
    await apply(config.workspaces);
    await beside.open();
    logStart(config, log);
    notePlatforms(config.workspaces);
    stop.addEventListener("abort", () => {
      logStopping(log, { isRejected: isRejected(), hasCommand: config.command !== null });
      void service.stopping();
    });
    const { setCards } = fleet;
    followConfig({
      flags,
      files: config.files,
      env,
      apply,
      setCards,
      log,
      hide: display.hide,
      stop,
      pending: configCalls,
      reloads,
      notePlatforms,
    });
    display.show(fleet.workspaces);
    service.started();
    const ended = new AbortController();
    const watching = others.watch(AbortSignal.any([stop, ended.signal]));
    try {
      const membership = shared && cluster?.run(stop, { fleet, store: shared.store });
      await fleet.run(stop);
      await membership;
      await cluster?.leave();
    } finally {
      ended.abort();
      await watching;
      await beside.close();
    }
  };
  await beside.during(async (stopped) => {
    const stop = start === null ? stopped : AbortSignal.any([stopped, start.signal]);
    try {
      if (shared !== null) await waitForStore(shared, { clock, log, stop });
      isStarting = false;
      if (!stop.aborted) await keepAlive(stop);
    } finally {
      display.close();
      await service.stopping();
      await status?.close();
      await store.close();
    }
  });
  const code = logEnd(fleet.unsaved(), log) || (isRejected() ? EXIT.rejected : EXIT.ok);
  if (doDisksHang()) {
    log.error({ code: "DISK_HANGS" }, "a disk does not answer, so this process cannot exit; it kills itself");
    await display.written();
    endProcess(code, shutdown);
  }
  return beside.exitCode(code);
}

function reporterOf(cluster: Cluster | null, { store }: Config, shared: SharedStore | null) {
  if (cluster === null || store === null || shared === null) return undefined;
  return () => clusterReport(cluster, { location: shared.location, store });
}

/** `null`: there are no other runners. */
async function joinable(
  { store, timing }: Config,
  { display, clock }: { readonly display: Display; readonly clock: Clock },
): Promise<Cluster | null> {
  if (store === null) return null;
  const { openCluster } = await import("./open-cluster.ts");
  return openCluster(store, { display, clock, timing });
}
