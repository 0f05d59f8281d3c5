import type { SignedClient } from "../../platform/signed-client.ts";
import type { Notice } from "../notices.ts";

/** What a workspace does beside its beats, each time one was accepted. */
export interface Errand {
  /** What fails is told and tried again with the next beat; it rejects only when the headers cannot be made. */
  run(signal: AbortSignal | undefined): Promise<void>;
}

export interface ErrandContext {
  readonly workspaceId: string;
  readonly client: SignedClient;
  readonly notify: (notice: Notice) => void;
}
