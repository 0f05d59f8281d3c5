import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { RepeatedSignals } from "../supervisor/repeated-signals.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const ignore = () => {};

/** How long the work may take to end: longer than the wait for a registration in flight, which may bring a token. */
const GRACE_MS = 8_000;

export interface ShutdownOptions {
  /** True while a hanging disk blocks one of this process's threads. @default never */
  readonly isStuck?: () => boolean;
}

/** Ends the process. With a thread blocked by a disk it cannot exit, only be killed: exiting waits for its threads. */
export function endProcess(code: number, { isStuck = () => false }: ShutdownOptions = {}): void {
  if (isStuck()) killOneself();
  process.exit(code);
}

function killOneself(): void {
  process.kill(process.pid, "SIGKILL");
  // Still here: the system ignores that signal if process 1 of a container sends it to itself.
  try {
    // A core dump must not contain the memory, which holds tokens.
    writeFileSync("/proc/self/coredump_filter", "0");
  } finally {
    process.abort();
  }
}

/** From 1 ms on, each pause is twice the last: about a second in all. */
const LONGEST_PAUSE_MS = 512;

/** Whether a file call is still pending because its disk hangs. */
export async function isFileCallStuck(): Promise<boolean> {
  const isPending = () => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
  for (let pauseMs = 1; isPending(); pauseMs *= 2) {
    if (pauseMs > LONGEST_PAUSE_MS) return true;
    await sleep(pauseMs);
  }
  return false;
}

/**
 * Does the work. The first SIGTERM or SIGINT aborts it, and ends the process with 1 if it takes too long. A second
 * signal ends the process at once, unless it only repeats the first.
 */
export async function untilSignal<T>(
  work: (stop: AbortSignal) => Promise<T>,
  options: ShutdownOptions = {},
): Promise<T> {
  const stopping = new AbortController();
  const exit = () => endProcess(1, options);
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    setTimeout(exit, GRACE_MS).unref();
  };
  const repeated = new RepeatedSignals();
  const onSignal = (signal: NodeJS.Signals) => {
    if (repeated.isRepeated(signal)) return;
    if (stopping.signal.aborted) exit();
    else stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Its terminal may close; the work continues.
  process.on("SIGHUP", ignore);
  try {
    return await work(stopping.signal);
  } finally {
    // Once stopped, they stay: a repeated signal must not end the process instead of its exit code.
    if (!stopping.signal.aborted) {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off("SIGHUP", ignore);
    }
  }
}
