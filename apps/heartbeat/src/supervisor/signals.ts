import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";

/**
 * Signals that are passed on to the command. Excluded are those of the runtime: SIGUSR1 (debugger), SIGPROF, SIGCHLD,
 * SIGPIPE and signals of its own faults; and those that suspend a process (SIGTSTP), which a terminal sends to both.
 */
const PASSED_ON: readonly NodeJS.Signals[] = [
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2", "SIGALRM"] as const),
  ...(["SIGWINCH", "SIGCONT", "SIGPWR", "SIGIO", "SIGURG"] as const),
];

/** After these the command is not restarted. */
const ENDING: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"];

/** Signals that a terminal sends to all of its processes. */
const OF_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGWINCH", "SIGCONT"];

export const passedOn = (): readonly NodeJS.Signals[] =>
  PASSED_ON.filter((signal) => Object.hasOwn(constants.signals, signal));

export const isEnding = (signal: NodeJS.Signals): boolean => ENDING.includes(signal);

/** Whether the terminal has already sent it to the command. */
export const isFromTerminal = (signal: NodeJS.Signals): boolean =>
  OF_TERMINAL.includes(signal) && hasTerminal();

/** As a shell reports it: 128 plus the signal's number. */
export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0);

/** Whether this process is controlled by a terminal. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
