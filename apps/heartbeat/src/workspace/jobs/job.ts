import type { SignedClient } from "../../transport/signed-client.ts";
import type { WorkspaceEvent } from "../events.ts";

/** What a workspace does beside its heartbeats, each time one was accepted. */
export interface Job {
  /** A failure is emitted as an event, and retried with the next heartbeat; it rejects only when the headers cannot be made. */
  run(signal: AbortSignal | undefined): Promise<void>;
}

export interface JobContext {
  readonly workspaceId: string;
  readonly client: SignedClient;
  readonly emit: (event: WorkspaceEvent) => void;
}
