import type { Auth, TokenSource } from "@x/auth-core";
import type { AgentCard } from "@x/platform-client";
import type { WorkspaceRef, WorkspaceStore } from "../../storage/workspace-store.ts";
import type { RotationPlatformOptions } from "./platform.ts";
import type { RotationRecord } from "./record.ts";

export interface RotationOptions extends Omit<RotationPlatformOptions, "workspaceId"> {
  readonly ref: WorkspaceRef;
  readonly auth: Auth;
  readonly store: Pick<WorkspaceStore, "token" | "spill" | "rotation" | "inboundSecret">;
  /** Further sources of the token, such as the list. */
  readonly fallbacks: readonly TokenSource[];
  /** For registering, if the workspace turns out to have no live tokens left. */
  readonly card: AgentCard;
  /** Proceeds even if other tokens are live, which revokes them. @default false */
  readonly revokeOthers?: boolean;
}

/** What is known once a live token has been found. */
export interface Begun {
  /** A live token. */
  readonly bearer: string;
  /** All that this runner has, including revoked ones. */
  readonly held: readonly string[];
  readonly record: RotationRecord | null;
}
