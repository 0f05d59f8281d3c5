import { type ChildProcess, spawn } from "node:child_process";
import type { Env } from "@x/auth-core";

/** Timeout of a notification. */
const TIMEOUT_MS = 3_000;

export interface NotifierOptions {
  readonly env: Env;
  /** Called once with the reason why systemd cannot be notified. */
  readonly onFailure: (why: string) => void;
}

/**
 * Notifies systemd (sd_notify(3)) through its own program, because Node has no Unix datagram sockets. Notifications are
 * sent one after another, so that none overtakes another.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Settles when systemd has received it or never will. */
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

/** Why it failed; `null` on success. */
function systemdNotify(assignments: readonly string[], env: Env): Promise<string | null> {
  return new Promise((resolve) => {
    const { PATH, NOTIFY_SOCKET } = env;
    let child: ChildProcess;
    try {
      child = spawn("systemd-notify", assignments, {
        stdio: "ignore",
        timeout: TIMEOUT_MS,
        env: { ...(PATH !== undefined && { PATH }), NOTIFY_SOCKET },
      });
    } catch (error) {
      // `spawn` emits a few of the system's errors, such as ENOENT, and throws the others, such as ENOMEM.
      return resolve((error as Error).message);
    }
    child.once("error", ({ message }) => resolve(message));
    child.once("exit", (code, signal) => {
      resolve(code === 0 ? null : `systemd-notify ended with ${signal ?? code}`);
    });
  });
}
