import type { LogMessage } from "../observability/log-message.ts";

/** Calls the listener. Its failure, synchronous or not, must not end the workspace or the process. */
export async function callListener(
  listener: (entry: LogMessage) => unknown,
  entry: LogMessage,
): Promise<void> {
  try {
    await listener(entry);
  } catch {
    // The listener is to blame, not the workspace.
  }
}
