import type { EmulatorEvent } from "../events.ts";
import { MAX_ACTIVITY_ROWS, MAX_WORKSPACES } from "../limits.ts";
import type { RecordedRequest } from "../recorded-request.ts";
import { truncate } from "./card.ts";
import type { TimelineMessage, Tone } from "./messages.ts";
import { outageText, requestText } from "./words.ts";

type Line = readonly [tone: Tone, text: string];

/** The number of lines kept for pages that connect later. */
export const KEPT_LINES = 1_000;

/** The newest lines of the timeline, numbered. */
export class Timeline {
  readonly #lines: TimelineMessage[] = [];
  #seq = 0;

  /** Adds a line for an event, if the event has one. */
  record(event: EmulatorEvent): void {
    const line = lineOf(event);
    if (line) this.add(event.at, "workspaceId" in event ? event.workspaceId : null, line);
  }

  add(at: number, workspaceId: string | null, [tone, text]: Line): void {
    this.#seq += 1;
    this.#lines.push({ seq: this.#seq, at, tone, workspaceId: workspaceId && truncate(workspaceId), text });
    // Dropped in bulk, so that adding has constant amortised cost.
    if (this.#lines.length >= 2 * KEPT_LINES) {
      this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    }
  }

  /** The newest lines after a number, at most `max`, and the number of omitted ones. */
  after(seq: number, max: number): { events: TimelineMessage[]; skipped: number } {
    const fresh = this.#seq - seq;
    const count = Math.min(fresh, max, this.#lines.length);
    return { events: count === 0 ? [] : this.#lines.slice(-count), skipped: fresh - count };
  }

  /** The number of the newest line. */
  get seq(): number {
    return this.#seq;
  }
}

/** An event's text; null for heartbeats, which the cards show. */
function lineOf(event: EmulatorEvent): Line | null {
  switch (event.type) {
    case "heartbeat":
      return event.status === null
        ? ["warn", "heartbeat of an unknown workspace: 200, and nothing changed"]
        : null;
    case "registered":
      return ["quiet", event.tokenIssued ? "registered, got a token" : "registered"];
    case "card-updated":
      return ["quiet", "changed its agent card"];
    case "message":
      return [
        "quiet",
        truncate(`got a message from ${event.from ?? "a person"}${event.queued ? ", queued" : ""}`),
      ];
    case "unauthorized":
      return ["bad", truncate(`401 ${event.reason} token: ${endpoint(event)}`)];
    case "online":
      return ["good", from("online", event.from)];
    case "degraded":
      return ["warn", from("degraded", event.from)];
    case "offline":
      return ["bad", from("offline", event.from)];
    case "awaiting_agent":
      return event.from === null
        ? ["quiet", "awaits its agent"]
        : ["bad", from("silent: awaiting its agent", event.from)];
    case "paused":
      return ["warn", from("paused", event.from)];
    case "created":
      return ["quiet", "created by an operator"];
    case "issued":
      return ["quiet", `was issued ${event.tokenPrefix}…`];
    case "rotated":
      return ["warn", `rotated, now ${event.tokenPrefix}…`];
    case "revoked":
      return ["warn", `${event.count} token${event.count === 1 ? "" : "s"} revoked`];
    case "removed":
      return ["warn", "removed for good"];
    case "evicted":
      return ["warn", `dropped: only the newest ${MAX_WORKSPACES} workspaces are kept`];
    case "activity-dropped":
      return ["warn", `${event.count} old rows of activity dropped: ${MAX_ACTIVITY_ROWS} are kept`];
    case "reset":
      return ["warn", "reset: all workspaces and tokens deleted"];
    case "outage":
      return event.fault
        ? ["bad", truncate(`outage: ${outageText(event.fault, event.scope)}`)]
        : ["good", "outage over"];
    case "latency":
      return event.ms > 0 ? ["warn", `${event.ms} ms before every answer`] : ["good", "no latency added"];
  }
}

type Request = Pick<RecordedRequest, "method" | "path" | "workspaceId">;

/** A method and a path; abbreviated for frequent requests. */
export function endpoint(request: Request): string {
  const prefix = "/registry/";
  const { path } = request;
  return path.startsWith(prefix) ? path.slice(prefix.length) : requestText(request);
}

function from(now: string, before: string | null): string {
  return before === null || before === "provisioning" ? now : `${now}, was ${before.replaceAll("_", " ")}`;
}
