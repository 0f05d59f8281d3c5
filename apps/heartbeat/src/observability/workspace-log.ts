import type { AuthEvent } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import { needsAction, type PlatformFailure } from "@x/platform-client";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { authMessage } from "./auth-messages.ts";
import { Hourly } from "./hourly.ts";
import type { LogRecord } from "./log-message.ts";
import { logMessage } from "./log-messages.ts";

export interface WorkspaceLogOptions {
  readonly clock: { readonly monotonic: () => number };
  /** Returns the platform of a workspace in the fleet. */
  readonly platformOf: (workspaceId: string) => string | undefined;
  readonly write: (workspaceId: string, message: LogRecord) => void;
}

export interface WorkspaceLog {
  readonly event: (workspaceId: string, event: WorkspaceEvent) => void;
  readonly authEvent: (workspaceId: string, event: AuthEvent | FileStorageEvent) => void;
}

/**
 * Logs the events of workspaces. A permanent failure is an error once and then every hour: once for a whole platform if
 * the platform cannot be reached, rather than for each of its workspaces. The same goes for a token source that keeps
 * failing: each attempt reads it several times.
 */
export function createWorkspaceLog({ clock, platformOf, write }: WorkspaceLogOptions): WorkspaceLog {
  const hourly = new Hourly(clock);
  const event = (workspaceId: string, event: WorkspaceEvent): void => {
    const message = logMessage(event);
    const lasting = lastingFailure(event);
    if (event.type === "recovered" || event.type === "registered") {
      hourly.forget(workspaceId);
      hourly.forget(platformOf(workspaceId) ?? "");
    }
    if (lasting === null) {
      write(workspaceId, message);
      return;
    }
    const subject = isOfPlatform(lasting) ? (platformOf(workspaceId) ?? "") : workspaceId;
    const what = isOfPlatform(lasting) ? lasting.code : message.code;
    write(workspaceId, { ...message, level: hourly.isDue(subject, what) ? "error" : "debug" });
  };
  const authEvent = (workspaceId: string, event: AuthEvent | FileStorageEvent): void => {
    const message = authMessage(event);
    const isRepeated = event.type === "source-failed" && !hourly.isDue(workspaceId, message.text);
    write(workspaceId, isRepeated ? { ...message, level: "debug" } : message);
  };
  return { event, authEvent };
}

function lastingFailure(event: WorkspaceEvent): PlatformFailure | null {
  if (event.type !== "failed" && event.type !== "job-failed") return null;
  const { failure } = event;
  // After a rejected token the runner registers; if that does not help, `LOCKED_OUT` is logged.
  return failure.kind !== "unauthorized" && needsAction(failure) ? failure : null;
}

/** Failures that all workspaces of a platform share: the connection, or the server at its end. */
const isOfPlatform = ({ kind, code }: PlatformFailure): boolean =>
  kind === "unavailable" || kind === "routing_error" || code === "RESPONSE_NOT_JSON";
