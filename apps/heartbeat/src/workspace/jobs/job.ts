import type { PlatformClient } from "@x/platform-client";
import type { WorkspaceEvent } from "../events.ts";

/** What a workspace does besides its heartbeats, on its own schedule. */
export interface Job {
  /** From the end of one run to the start of the next. */
  readonly everyMs: number;
  /** `inbox`: a part of the platform's rate limit is reserved for it. @default another job */
  readonly kind?: "inbox";
  /**
   * Emits failures as events and retries with the next run. Never rejects. Returns no promise when there was nothing to
   * do.
   */
  run(signal: AbortSignal): Promise<void> | undefined;
}

export interface JobContext {
  readonly client: PlatformClient;
  emit(event: WorkspaceEvent): void;
}
