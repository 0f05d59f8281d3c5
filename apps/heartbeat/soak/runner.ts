import type { AuthEvent } from "@x/auth-core";
import { describeDropped } from "@x/emulator/output";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { createFleet } from "../src/fleet/fleet.ts";
import type { Fleet } from "../src/fleet/fleet-types.ts";
import { authMessage } from "../src/observability/auth-messages.ts";
import { createKnownTokens, listed } from "../src/observability/known-tokens.ts";
import type { LogRecord } from "../src/observability/log-message.ts";
import { createLog } from "../src/observability/logger.ts";
import { createWorkspaceLog } from "../src/observability/workspace-log.ts";
import { createFileStore } from "../src/storage/file-store.ts";
import type { Connection } from "../src/transport/connection.ts";
import { userAgent } from "../src/version.ts";
import type { Counters } from "./counters.ts";
import type { DiskClock } from "./disk-clock.ts";
import type { FaultInjector } from "./fault-injection.ts";
import { createLogReader, type LogReaderOptions } from "./log-reader.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface RunnersOptions {
  readonly time: VirtualTime;
  readonly disk: DiskClock;
  /** Code of the file threads. */
  readonly entry: URL;
  readonly directory: string;
  readonly tokenFile: (id: string) => string;
  readonly list: readonly WorkspaceConfig[];
  readonly intervalMs: number;
  readonly random: () => number;
  readonly connection: Connection;
  readonly counters: Counters;
  readonly faultInjector: FaultInjector;
  readonly logFaults: Omit<LogReaderOptions, "time" | "redact" | "onGap">;
}

export type Runners = ReturnType<typeof createRunners>;

/** The disk is in memory. It does not hang, but a busy machine can seem to. */
const PATIENT = { answerMs: 60_000, slowMs: 60_000 };

/** The runners of a soak, one after another: they share nothing but what is stored, and the reader of their log. */
export function createRunners(options: RunnersOptions) {
  const { time, disk, entry, directory, tokenFile, list, intervalMs } = options;
  const { random, connection, counters, faultInjector, logFaults } = options;
  const { hide, redact } = createKnownTokens();
  for (const { id, token } of list) if (token !== undefined) hide(listed(id), token);
  const reader = createLogReader({
    ...logFaults,
    time,
    redact: (line) => faultInjector.redact(line, redact),
    onGap: (dropped) => log.warn({ code: "LOG_LINES_DROPPED" }, describeDropped(dropped)),
  });
  const log = createLog({ level: "info", format: "json", runner: null }, reader.print);
  const write = (workspace: string, { level, code, text }: LogRecord) =>
    log[level]({ workspace, code }, text);

  return {
    log: reader,
    /** One that knows nothing but its list and what is stored. */
    create() {
      const store = createFileStore({
        configsDir: directory,
        env: {},
        layout: "list",
        onEvent: ({ workspaceId }, event) => write(workspaceId, authMessage(event)),
        onSecret: ({ workspaceId }, text) => hide(workspaceId, text),
        clock: disk,
        limits: PATIENT,
        entry,
      });
      const { event: logEvent } = createWorkspaceLog({
        clock: time,
        write,
        platformOf: (id) => fleet.platformOf(id),
      });
      const fleet: Fleet = createFleet({
        store,
        timing: { ...DEFAULT_TIMING, intervalMs },
        cardOf: (name) => ({ name, description: "", skills: [] }),
        env: {},
        clock: time,
        random,
        userAgent,
        connect: () => connection,
        onEvent(id, event) {
          logEvent(id, event);
          if (event.type === "token-recovered") counters.recoveries += 1;
          if (event.type === "delegations-finished") counters.delivered += event.count;
        },
        onAuthEvent(id, event: AuthEvent) {
          write(id, authMessage(event));
          if (event.type === "token-saved" && event.written) faultInjector.onSaved(tokenFile(id));
        },
      });
      return { fleet, close: store.close };
    },
  };
}
