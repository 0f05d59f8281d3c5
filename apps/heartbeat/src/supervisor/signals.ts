import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";

/**
 * What is passed on to the command. Not the runtime's own: SIGUSR1 (debugger), SIGPROF, SIGCHLD, SIGPIPE and the signals
 * of its own faults; nor what stops a process (SIGTSTP), which a terminal sends to both.
 */
const PASSED_ON: readonly NodeJS.Signals[] = [
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2", "SIGALRM"] as const),
  ...(["SIGWINCH", "SIGCONT", "SIGPWR", "SIGIO", "SIGURG"] as const),
];

/** After these the command is not started again. */
const ENDING: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"];

/** What a terminal sends to all processes in it. */
const OF_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGWINCH", "SIGCONT"];

export const passedOn = (): readonly NodeJS.Signals[] =>
  PASSED_ON.filter((signal) => Object.hasOwn(constants.signals, signal));

export const isEnding = (signal: NodeJS.Signals): boolean => ENDING.includes(signal);

/** Whether the command has it from the terminal already. */
export const isFromTerminal = (signal: NodeJS.Signals): boolean =>
  OF_TERMINAL.includes(signal) && hasTerminal();

/** As a shell says it: 128 and the signal's number. */
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
