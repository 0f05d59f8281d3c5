import type { Clock } from "../contract.ts";
import type { EmulatorEvent } from "../events.ts";
import type { Fault } from "../faults.ts";
import type { RecordedRequest } from "../recorded-request.ts";
import { canonicalId } from "../uuid.ts";
import { truncate } from "./card.ts";
import { History } from "./history.ts";
import { RequestLog } from "./request-log.ts";
import { RequestStatsByWorkspace } from "./request-stats.ts";
import { endpoint, Timeline } from "./timeline.ts";
import { endingText, isFailure } from "./words.ts";

/** The dependencies of a journal. */
interface JournalSources {
  readonly clock: Clock;
  readonly state: { has(id: string): boolean };
}

const REGISTRY = "/registry/";

/** The dashboard's memory: timeline, fleet history, requests of each workspace. All of it is bounded. */
export class Journal {
  readonly timeline = new Timeline();
  readonly stats = new RequestStatsByWorkspace();
  readonly requests = new RequestLog();
  readonly history: History;
  readonly #sources: JournalSources;

  constructor(sources: JournalSources) {
    this.#sources = sources;
    this.history = new History(sources.clock);
  }

  event(event: EmulatorEvent): void {
    this.timeline.record(event);
    if (event.type === "outage") this.history.outage(event.fault !== null);
    if (event.type === "evicted") {
      this.stats.forget(event.workspaceId);
      this.requests.forget(event.workspaceId);
    }
    if (event.type !== "reset") return;
    this.stats.clear();
    this.requests.clear();
    this.history.clear();
  }

  /** Shows an unanswered request for as long as its client waits. */
  hanging(request: RecordedRequest): void {
    this.#attempt(request);
    this.#log(request);
  }

  /** Records a request's outcome. A failure at the registry, or by an outage, gets a line. */
  ended(request: RecordedRequest, fault: Fault["kind"] | null): void {
    const { path, status } = request;
    const isRegistry = path.startsWith(REGISTRY);
    const failed = isFailure(request);
    // The platform's 401s already are events.
    if (failed && (fault !== null || (isRegistry && status !== 401))) this.#attempt(request);
    this.#log(request);
    if (!isRegistry) return;
    if (failed) this.history.failure();
    else if (path === `${REGISTRY}heartbeat`) this.history.heartbeat();
    const id = this.#knownId(request);
    if (id === null) return;
    const at = this.#sources.clock.now();
    const rejections = this.stats.record(id, at, request);
    if (rejections > 0) this.timeline.add(at, id, ["good", `recovered after ${rejections} × 401`]);
  }

  #attempt(request: RecordedRequest): void {
    const text = truncate(`${endpoint(request)}: ${endingText(request)}`);
    const id = request.workspaceId === null ? null : canonicalId(request.workspaceId);
    this.timeline.add(this.#sources.clock.now(), id, ["bad", text]);
  }

  #log(request: RecordedRequest): void {
    const id = this.#knownId(request);
    if (id !== null) this.requests.add(id, request);
  }

  #knownId({ workspaceId }: RecordedRequest): string | null {
    const id = workspaceId === null ? null : canonicalId(workspaceId);
    return id !== null && this.#sources.state.has(id) ? id : null;
  }
}
