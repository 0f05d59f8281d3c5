import type { TimelineMessage } from "../src/dashboard/messages.ts";
import { byId } from "./dom.ts";

/** The minimum interval between announcements. */
const EVERY_MS = 5_000;

/** Announces the newest good or bad event to screen readers. */
export class Announcer {
  readonly #region = byId("announcement", HTMLElement);
  readonly #nameOf: (workspaceId: string) => string;
  #waiting: TimelineMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param nameOf a workspace's display name */
  constructor(nameOf: (workspaceId: string) => string) {
    this.#nameOf = nameOf;
  }

  announce(events: readonly TimelineMessage[]): void {
    this.#waiting.push(...events.filter(({ tone }) => tone === "good" || tone === "bad"));
    if (this.#waiting.length > 0 && this.#timer === undefined) this.#say();
  }

  #say(): void {
    const newest = this.#waiting.at(-1);
    this.#timer = undefined;
    if (!newest) return;
    const others = this.#waiting.length - 1;
    const { workspaceId, text } = newest;
    const who = workspaceId === null ? "" : this.#nameOf(workspaceId);
    const what = `${who} ${text}`.trim();
    this.#region.textContent = others === 0 ? what : `${what}, and ${others} more`;
    this.#waiting = [];
    this.#timer = setTimeout(() => this.#say(), EVERY_MS);
  }
}
