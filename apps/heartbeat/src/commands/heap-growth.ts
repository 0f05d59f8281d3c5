import { setFlagsFromString } from "node:v8";

/** A full garbage collection of a smaller fleet delays no heartbeat by much. */
const LARGE = 10_000;

/**
 * Lets the heap of a large fleet double between two full garbage collections. V8 mistakes steady heartbeats for an idle
 * process and keeps the heap small: with 100,000 workspaces it would collect every minute, for up to a second.
 */
export function letHeapGrow(workspaces: number): void {
  if (workspaces >= LARGE) setFlagsFromString("--heap-growing-percent=100");
}
