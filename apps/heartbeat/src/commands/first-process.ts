import { exitCodeOf } from "../supervisor/signals.ts";
import { endProcess, isFileCallStuck } from "./shutdown.ts";

/**
 * Ends the process at SIGINT and SIGTERM while no command listens for them, as the system does for any process but process
 * 1 of a container.
 */
export function endAtSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const isHandled = () => process.listenerCount(signal) > 1;
    process.on(signal, async () => {
      if (isHandled()) return;
      const isStuck = await isFileCallStuck();
      // A command that began to listen meanwhile has work to finish.
      if (isHandled()) process.emit(signal);
      else endProcess(exitCodeOf(signal), { isStuck: () => isStuck });
    });
  }
}
