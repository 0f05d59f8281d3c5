import type { Entry, PlatformPause } from "./entry.ts";

/**
 * The workspaces of one platform that wait for it to come back, and the one that tries. A platform that is down is asked
 * by one of them at a time, however many there are.
 */
export class WaitingWorkspaces {
  readonly #platform: PlatformPause;
  readonly #entries = new Set<Entry>();
  readonly #tryIn: (entry: Entry, delayMs: number) => void;
  #probe: Entry | null = null;

  /** @param tryIn schedules the one that tries */
  constructor(platform: PlatformPause, tryIn: (entry: Entry, delayMs: number) => void) {
    this.#platform = platform;
    this.#tryIn = tryIn;
  }

  has(entry: Entry): boolean {
    return this.#entries.has(entry);
  }

  /** Whether a workspace's step may begin now; if not, it waits here. */
  admit(entry: Entry): boolean {
    const isProbe = this.#probe === entry;
    if (this.#platform.pauseMs() === 0 && (isProbe || this.#probe === null)) return true;
    if (isProbe) this.#probe = null;
    this.#entries.add(entry);
    this.sendProbe();
    return false;
  }

  /** A step has ended, or will not begin: another one may try. */
  release(entry: Entry): void {
    this.#entries.delete(entry);
    if (this.#probe === entry) this.#probe = null;
  }

  /** While any wait, one of them tries. */
  sendProbe(): void {
    const [entry] = this.#entries;
    if (this.#probe !== null || entry === undefined) return;
    this.#entries.delete(entry);
    this.#probe = entry;
    this.#tryIn(entry, this.#platform.pauseMs());
  }

  /** The platform is back: all that wait may go. */
  takeAll(): Entry[] {
    const entries = [...this.#entries];
    this.#entries.clear();
    return entries;
  }
}
