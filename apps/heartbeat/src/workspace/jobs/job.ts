import type { PlatformClient } from "@x/platform-client";
import type { WorkspaceEvent } from "../events.ts";

/** What a workspace does beside its heartbeats, at times of its own. */
export interface Job {
  /** From the end of one run to the beginning of the next. */
  readonly everyMs: number;
  /** Emits what failed as an event, and tries again with the next run. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface JobContext {
  readonly client: PlatformClient;
  readonly emit: (event: WorkspaceEvent) => void;
}
