import type { PlatformClient } from "@x/platform-client";
import type { WorkspaceEvent } from "../events.ts";

/** What a workspace does beside its heartbeats, at times of its own. */
export interface Job {
  /** From the end of one run to the beginning of the next. */
  readonly everyMs: number;
  /** `inbox`: a part of the platform's rate limit is kept for it. @default another job */
  readonly kind?: "inbox";
  /**
   * Emits what failed as an event, and tries again with the next run. Never rejects. Not a promise when there is nothing
   * to do.
   */
  run(signal: AbortSignal): Promise<void> | undefined;
}

export interface JobContext {
  readonly client: PlatformClient;
  emit(event: WorkspaceEvent): void;
}
