import { spawn } from "node:child_process";
import type { Env } from "@x/auth-core";

/** A notification that takes longer is given up. */
const TIMEOUT_MS = 3_000;

/** Variables with which systemd asks a service to report; what a service starts must not answer in its place. */
export const SYSTEMD_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

export interface NotifierOptions {
  readonly env: Env;
  /** Called once, with why systemd cannot be notified. */
  readonly onFailure: (why: string) => void;
}

/**
 * Notifies systemd (sd_notify(3)) through its own program: Node has no datagram sockets in the file system. One
 * notification after the other, so that none overtakes another.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Settles when systemd has it, or never will. */
  send(assignments: readonly string[]): Promise<void> {
    this.#last = this.#last.then(async () => {
      const why = await systemdNotify(assignments, this.#options.env);
      if (why === null || this.#hasFailed) return;
      this.#hasFailed = true;
      this.#options.onFailure(why);
    });
    return this.#last;
  }
}

/** Why it failed; `null`: it did not. */
function systemdNotify(assignments: readonly string[], env: Env): Promise<string | null> {
  return new Promise((resolve) => {
    const { PATH, NOTIFY_SOCKET } = env;
    const child = spawn("systemd-notify", assignments, {
      stdio: "ignore",
      timeout: TIMEOUT_MS,
      env: { ...(PATH !== undefined && { PATH }), NOTIFY_SOCKET },
    });
    child.once("error", ({ message }) => resolve(message));
    child.once("exit", (code, signal) => {
      resolve(code === 0 ? null : `systemd-notify ended with ${signal ?? code}`);
    });
  });
}
