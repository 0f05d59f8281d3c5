import { needsAction, type PlatformFailure } from "@x/platform-client";
import type { WorkspaceEvent } from "../workspace/events.ts";
import { Hourly } from "./hourly.ts";
import type { LogRecord } from "./log-message.ts";
import { logMessage } from "./log-messages.ts";

export interface WorkspaceLogOptions {
  readonly clock: { readonly monotonic: () => number };
  /** The platform of a workspace that is there. */
  readonly platformOf: (workspaceId: string) => string | undefined;
  readonly write: (workspaceId: string, message: LogRecord) => void;
}

/**
 * Logs the events of workspaces. A failure that time alone does not fix is an error once, and again every hour: for a
 * whole platform where it is the platform that cannot be reached, not for each of its workspaces.
 */
export function createWorkspaceLog({ clock, platformOf, write }: WorkspaceLogOptions) {
  const hourly = new Hourly(clock);
  return (workspaceId: string, event: WorkspaceEvent): void => {
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
}

function lastingFailure(event: WorkspaceEvent): PlatformFailure | null {
  if (event.type !== "failed" && event.type !== "job-failed") return null;
  const { failure } = event;
  // After a rejected token the runner registers; that this does not help, is logged as `LOCKED_OUT`.
  return failure.kind !== "unauthorized" && needsAction(failure) ? failure : null;
}

/** The same for all workspaces of a platform: the way there, or what answers there. */
const isOfPlatform = ({ kind, code }: PlatformFailure): boolean =>
  kind === "unavailable" || kind === "routing_error" || code === "RESPONSE_NOT_JSON";
