import { outageText } from "./dashboard/words.ts";
import type { EmulatorEvent } from "./events.ts";
import { MAX_ACTIVITY_ROWS, MAX_WORKSPACES } from "./limits.ts";

/** A one-line description of an event. */
export function describeEvent(event: EmulatorEvent): string {
  return `${new Date(event.at).toISOString().slice(11, 23)}  ${visible(eventText(event))}`;
}

/** Client-supplied names go to a terminal here; control characters are spelt out. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The event without its time. Contains client-supplied names unchanged. */
export function eventText(event: EmulatorEvent): string {
  switch (event.type) {
    case "registered":
      return `${event.workspaceId} registered${event.tokenIssued ? ", and got a token" : ""}`;
    case "heartbeat":
      return `${event.workspaceId} heartbeat: ${event.status ?? "no such workspace, nothing changed"}`;
    case "card-updated":
      return `${event.workspaceId} changed its card`;
    case "message":
      return `${event.workspaceId} got a message from ${event.from ?? "a person"}${event.queued ? ", queued" : ""}`;
    case "unauthorized":
      return `${event.workspaceId} 401 ${event.reason} token: ${event.method} ${event.path}`;
    case "online":
    case "offline":
    case "degraded":
    case "paused":
      return `${event.workspaceId} is ${event.type}${event.from === null ? "" : `, was ${event.from}`}`;
    case "awaiting_agent":
      return `${event.workspaceId} awaits its agent${event.from === null ? "" : `, was ${event.from}`}`;
    case "created":
      return `${event.workspaceId} was created by an operator`;
    case "issued":
      return `${event.workspaceId} was issued ${event.tokenPrefix}…`;
    case "rotated":
      return `${event.workspaceId} rotated: ${event.tokenPrefix}…`;
    case "revoked":
      return `${event.workspaceId} lost ${event.count} token${event.count === 1 ? "" : "s"}`;
    case "removed":
      return `${event.workspaceId} was removed`;
    case "evicted":
      return `${event.workspaceId} was dropped: only the newest ${MAX_WORKSPACES} workspaces are kept`;
    case "activity-dropped":
      return `${event.count} row${event.count === 1 ? "" : "s"} of activity dropped: only the newest ${MAX_ACTIVITY_ROWS} are kept, fewer when they are large`;
    case "reset":
      return "all workspaces and tokens were deleted";
    case "outage":
      return event.fault ? `outage: ${outageText(event.fault, event.scope)}` : "outage over";
    case "latency":
      return `latency: ${event.ms} ms`;
  }
}
