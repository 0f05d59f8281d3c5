export { createAuthFetch, isAuthError, withAuth } from "@x/auth-core";
export type { LogLevel } from "./config/log-flags.ts";
export type { StartWorkspaceOptions } from "./library/options.ts";
export { type RunningWorkspace, startWorkspace } from "./library/start-workspace.ts";
export type { RunningStatus } from "./library/workspace-status.ts";
export type { LogMessage } from "./observability/log-message.ts";
export type { HandlerOptions, InboxMessage, MessageHandler } from "./workspace/inbox/message.ts";
