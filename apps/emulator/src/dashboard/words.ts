import type { Fault, FaultScope } from "../faults.ts";
import type { RecordedRequest, RequestOutcome } from "../recorded-request.ts";

/** The part of a request's outcome that its description needs. */
export interface Ending {
  readonly outcome: RequestOutcome;
  readonly status: number | null;
  readonly latencyMs: number | null;
}

/** A request's outcome as text. */
export function endingText({ outcome, status, latencyMs }: Ending): string {
  switch (outcome) {
    case "waiting":
      return "no answer yet";
    case "answered":
      return `answered ${status}`;
    case "reset":
      return "the connection was cut";
    case "lost":
      return "processed, but the connection was cut before the answer";
    case "abandoned":
      return `the client gave up after ${seconds(latencyMs ?? 0)}`;
  }
}

/** Whether a request did not get a successful answer. */
export function isFailure({ outcome, status }: Pick<Ending, "outcome" | "status">): boolean {
  if (outcome === "waiting") return false;
  return outcome !== "answered" || status === null || status < 200 || status > 299;
}

/** An outage's effect and scope as text. */
export function outageText(fault: Fault, { paths, forRequests }: FaultScope = {}): string {
  const hit = paths ? `requests to ${paths.join(", ")}` : "all requests";
  const next =
    forRequests === undefined ? "" : forRequests === 1 ? ", 1 more time" : `, ${forRequests} more times`;
  return `${hit}: ${effect(fault)}${next}`;
}

function effect(fault: Fault): string {
  switch (fault.kind) {
    case "refuse":
      return "the connection is cut";
    case "hang":
      return "never answered";
    case "status":
      return `answered ${fault.status}`;
    case "lose-response":
      return "processed, but the connection is cut before the answer";
  }
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A method and a path, without the id of the workspace that it stands next to: `GET /workspaces/…/state`. */
export function requestText({
  method,
  path,
  workspaceId,
}: Pick<RecordedRequest, "method" | "path" | "workspaceId">): string {
  const own = `/workspaces/${workspaceId}`;
  const rest = path.startsWith(own) ? path.slice(own.length) : null;
  return rest === null || /^[^/?]/.test(rest) ? `${method} ${path}` : `${method} /workspaces/…${rest}`;
}
