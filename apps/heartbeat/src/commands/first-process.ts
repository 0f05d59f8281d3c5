import { exitCodeOf } from "./signals.ts";

/**
 * Ends the process at SIGINT and SIGTERM until a command listens for them, as the system does for any process but process
 * 1 of a container.
 */
export function endAtSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const end = () => process.exit(exitCodeOf(signal));
    process.on(signal, end);
    process.on("newListener", (event) => {
      // Node stops listening for a signal when its last listener leaves, so the other one joins first.
      if (event === signal) queueMicrotask(() => process.off(signal, end));
    });
  }
}
