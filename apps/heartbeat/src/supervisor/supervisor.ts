import { type Clock, sleep } from "../clock.ts";
import type { CommandSettings } from "../config/command-flags.ts";
import type { LogRecord } from "../observability/log-message.ts";
import { Child } from "./child.ts";
import { RepeatedSignals } from "./repeated-signals.ts";
import { Restarts } from "./restarts.ts";
import { exitCodeOf, isEnding, isFromTerminal, passedOn } from "./signals.ts";

export interface SupervisorOptions {
  readonly settings: CommandSettings;
  readonly clock: Clock;
  readonly log: (message: LogRecord) => void;
  /** Returns the command's environment; called at each start. */
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
  /** Ends this process at once, when it cannot end otherwise. */
  readonly exit: (code: number) => void;
}

/** How long the rest may take to end once the command has exited. */
const GRACE_MS = 8_000;

/**
 * Runs a command while a workspace is online: starts it when the workspace comes online, passes signals on, and
 * restarts it as the policy says. When the command ends, the work ends.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #restarts: Restarts;
  readonly #stopping = new AbortController();
  /** Aborts when the command must not be started (again). */
  readonly #ending = new AbortController();
  readonly #repeated = new RepeatedSignals();
  #child: Child | null = null;
  #runs: Promise<void> | null = null;
  #exitCode: number | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#restarts = new Restarts(options.settings.restart);
  }

  /** The command's own exit code; `null` until it was started or cancelled by a signal. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** The workspace is online: the command may start. */
  start(): void {
    if (this.#ending.signal.aborted) return;
    this.#runs ??= this.#run().finally(() => this.#stop());
  }

  /** Runs the work until the command has ended, or until a signal arrives before it starts. */
  async during<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const listeners = passedOn().map((signal) => [signal, () => this.#onSignal(signal)] as const);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    try {
      return await work(this.#stopping.signal);
    } finally {
      // The work has ended on its own, so there is no reason to keep the command running.
      this.#ending.abort();
      await this.#child?.end();
      await this.#runs;
      // Once stopped, they stay: a repeated signal must not end the process instead of the command's exit code.
      if (!this.#stopping.signal.aborted) {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      }
    }
  }

  #onSignal(signal: NodeJS.Signals): void {
    const isRepeated = this.#repeated.isRepeated(signal);
    const isSecond = this.#stopping.signal.aborted;
    if (isEnding(signal)) this.#ending.abort();
    if (this.#child !== null) {
      if (!isFromTerminal(signal)) this.#child.kill(signal);
    } else if (isEnding(signal)) {
      // Without a command there is nothing to wait for; it counts as ended by the signal.
      this.#exitCode ??= exitCodeOf(signal);
      if (!isSecond) this.#stop();
      else if (!isRepeated) this.#giveUp();
    }
  }

  /** Ends the work. */
  #stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    setTimeout(() => this.#giveUp(), GRACE_MS).unref();
  }

  /** Not with 0, even if the command succeeded: a token may not be stored yet. */
  #giveUp(): void {
    this.#options.exit(this.#exitCode || 1);
  }

  async #run(): Promise<void> {
    const { settings, clock, log, environment } = this.#options;
    for (;;) {
      const env = await environment();
      if (this.#ending.signal.aborted) return;
      const startedAt = clock.monotonic();
      const child = new Child(settings.file, settings.args, env);
      this.#child = child;
      if (child.pid !== undefined)
        log({
          level: "info",
          code: "COMMAND_STARTED",
          text: `started ${settings.file} (process ${child.pid})`,
        });
      const { code, how } = await child.ended;
      this.#child = null;
      this.#exitCode = code;
      const isEnding = this.#ending.signal.aborted;
      const pauseMs = isEnding ? null : this.#restarts.next({ code, ranMs: clock.monotonic() - startedAt });
      const then = pauseMs === null ? "" : `; it is started again in ${pauseMs / 1_000} s`;
      const level = code === 0 || isEnding ? "info" : "error";
      log({ level, code: "COMMAND_ENDED", text: `${settings.file}: ${how}${then}` });
      if (pauseMs === null) return;
      await sleep(clock, pauseMs, this.#ending.signal);
      if (this.#ending.signal.aborted) return;
    }
  }
}
