import type { Env } from "@x/auth-core";
import type { WorkspaceStatus } from "../../fleet/fleet-types.ts";
import { describeCounts } from "../workspace-states.ts";
import { isFirstRoundOver } from "./first-round.ts";
import { Notifier } from "./notifier.ts";

const CHECK_EVERY_MS = 250;
/** Failing to notify systemd must not delay the exit. */
const STOPPING_MS = 2_000;

export interface ServiceOptions {
  readonly env: Env;
  readonly workspaces: () => readonly WorkspaceStatus[];
  /** Whether the workspaces are known: a runner in a cluster must have joined first. */
  readonly isJoined: () => boolean;
  /** Called once with the reason why systemd cannot be notified. */
  readonly onFailure: (why: string) => void;
}

/** The runner as a systemd service. Without `NOTIFY_SOCKET`, nothing is sent. */
export interface Service {
  /** The workspaces are being kept alive: ready after their first round, and watched from now on. */
  started(): void;
  reloading(): void;
  reloaded(): void;
  /** Settles when systemd knows that the service is stopping, or soon. */
  stopping(): Promise<void>;
}

export function createService(options: ServiceOptions): Service {
  if (!options.env.NOTIFY_SOCKET) {
    return { started() {}, reloading() {}, reloaded() {}, async stopping() {} };
  }
  return new NotifyingService(options);
}

class NotifyingService implements Service {
  readonly #options: ServiceOptions;
  readonly #notifier: Notifier;
  readonly #timers: NodeJS.Timeout[] = [];
  #isReady = false;
  #stopping: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#notifier = new Notifier(options);
    const everyMs = watchdogMs(options.env);
    if (everyMs !== null) this.#every(everyMs, () => void this.#notifier.send(["WATCHDOG=1", this.#status]));
  }

  started(): void {
    const timer = this.#every(CHECK_EVERY_MS, () => {
      const { isJoined, workspaces } = this.#options;
      if (!isJoined() || !isFirstRoundOver(workspaces())) return;
      clearInterval(timer);
      this.#isReady = true;
      void this.#notifier.send(["READY=1", this.#status]);
    });
  }

  reloading(): void {
    // The end of a reload would report a service as ready before it is.
    if (!this.#isReady || this.#stopping !== null) return;
    const now = process.hrtime.bigint() / 1_000n;
    void this.#notifier.send(["RELOADING=1", `MONOTONIC_USEC=${now}`]);
  }

  reloaded(): void {
    if (!this.#isReady || this.#stopping !== null) return;
    void this.#notifier.send(["READY=1", this.#status]);
  }

  stopping(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopping ??= Promise.race([
      this.#notifier.send(["STOPPING=1", "STATUS=stopping"]),
      new Promise<void>((resolve) => void setTimeout(resolve, STOPPING_MS).unref()),
    ]);
    return this.#stopping;
  }

  get #status(): string {
    return `STATUS=${describeCounts(this.#options.workspaces())}`;
  }

  #every(ms: number, action: () => void): NodeJS.Timeout {
    const timer = setInterval(action, ms).unref();
    this.#timers.push(timer);
    return timer;
  }
}

/** Watchdog interval: half of what systemd asks for. `null` when there is no watchdog. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: Env): number | null {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return null;
  const usec = /^\d{1,15}$/.test(WATCHDOG_USEC ?? "") ? Number(WATCHDOG_USEC) : 0;
  return usec > 0 ? Math.min(usec / 2_000, 2 ** 31 - 1) : null;
}
