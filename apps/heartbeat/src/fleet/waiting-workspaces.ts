import { type Entry, type PlatformPause, REGISTRATION_REQUESTS } from "./entry.ts";

/**
 * The workspaces of one platform that wait for it to recover or for its next window, and the one that probes it. A
 * platform that is down gets one probe at a time, however many workspaces there are.
 */
export class WaitingWorkspaces {
  readonly #platform: PlatformPause;
  /** The probe, and released ones, when the platform paused again before their step. */
  readonly #again = new Set<Entry>();
  /** Alive before: they go offline without a heartbeat. */
  readonly #alive = new Set<Entry>();
  readonly #others = new Set<Entry>();
  /** In the order in which they run; each is first come, first served. */
  readonly #queues = [this.#again, this.#alive, this.#others];
  /** Workspaces that were released and have not run since. */
  readonly #released = new WeakSet<Entry>();
  readonly #tryIn: (entry: Entry, delayMs: number) => void;
  #probe: Entry | null = null;

  /** @param tryIn schedules the workspace that probes */
  constructor(platform: PlatformPause, tryIn: (entry: Entry, delayMs: number) => void) {
    this.#platform = platform;
    this.#tryIn = tryIn;
  }

  get isEmpty(): boolean {
    return this.#queues.every(({ size }) => size === 0);
  }

  has(entry: Entry): boolean {
    return this.#queues.some((queue) => queue.has(entry));
  }

  /** Whether a workspace's step may begin now; if not, it waits here. */
  admit(entry: Entry): boolean {
    const isProbe = this.#probe === entry;
    const wasReleased = this.#released.delete(entry);
    if (this.#platform.pauseMs() === 0 && (isProbe || this.#probe === null)) return true;
    if (isProbe) this.#probe = null;
    if (isProbe || wasReleased) this.#again.add(entry);
    else (entry.jobsDueAt === null ? this.#others : this.#alive).add(entry);
    this.sendProbe();
    return false;
  }

  /** A step has ended or will not begin, so another workspace may probe. */
  release(entry: Entry): void {
    for (const queue of this.#queues) queue.delete(entry);
    if (this.#probe === entry) this.#probe = null;
  }

  /** While any workspaces wait, one of them probes. */
  sendProbe(): void {
    if (this.#probe !== null) return;
    for (const queue of this.#queues) {
      const [entry] = queue;
      if (entry === undefined) continue;
      queue.delete(entry);
      this.#probe = entry;
      this.#tryIn(entry, this.#platform.pauseMs());
      return;
    }
  }

  /** The platform has recovered: release as many as it has capacity for. */
  take(): Entry[] {
    const taken: Entry[] = [];
    let room = this.#platform.room?.() ?? Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      for (const entry of queue) {
        room -= entry.jobsDueAt === null ? REGISTRATION_REQUESTS : 1;
        if (room < 0) return taken;
        queue.delete(entry);
        this.#released.add(entry);
        taken.push(entry);
      }
    }
    return taken;
  }
}
