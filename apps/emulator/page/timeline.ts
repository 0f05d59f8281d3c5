import type { TimelineMessage } from "../src/dashboard/messages.ts";
import { byId } from "./dom.ts";
import { count, timeOfDay } from "./format.ts";

const MAX_LINES = 200;

/** What happened, newest first. The same again is counted, not repeated. */
export class TimelineView {
  readonly #list = byId("timeline", HTMLOListElement);
  #newest: { key: string; times: number; item: HTMLLIElement } | null = null;
  #seq = 0;

  /** Adds lines, oldest first, after a mark for what was left out before them. */
  add(events: readonly TimelineMessage[], skipped: number): void {
    const fresh = events.filter(({ seq }) => seq > this.#seq);
    if (fresh.length === 0) return;
    if (skipped > 0 && this.#seq > 0) this.#prepend(skippedLine(skipped));
    for (const event of fresh) this.#addOne(event);
    this.#seq = fresh.at(-1)?.seq ?? this.#seq;
    while (this.#list.childElementCount > MAX_LINES) this.#list.lastElementChild?.remove();
  }

  /** Forgets all lines: another connection brings them again, perhaps from another emulator. */
  clear(): void {
    this.#list.replaceChildren();
    this.#newest = null;
    this.#seq = 0;
  }

  #addOne(event: TimelineMessage): void {
    const key = `${event.workspaceId} ${event.text}`;
    const times = this.#newest?.key === key ? this.#newest.times + 1 : 1;
    const item = line(event, times);
    if (times > 1) this.#newest?.item.remove();
    this.#prepend(item);
    this.#newest = { key, times, item };
  }

  #prepend(item: HTMLLIElement): void {
    this.#newest = null;
    this.#list.prepend(item);
  }
}

function line({ at, tone, workspaceId, text }: TimelineMessage, times: number): HTMLLIElement {
  const item = document.createElement("li");
  item.dataset.tone = tone;
  const time = document.createElement("time");
  time.dateTime = new Date(at).toISOString();
  time.textContent = timeOfDay(at);
  const what = document.createElement("span");
  if (workspaceId !== null) {
    const id = document.createElement("b");
    id.textContent = workspaceId;
    what.append(id, " ");
  }
  what.append(text);
  if (times > 1) {
    const badge = document.createElement("span");
    badge.className = "times";
    badge.textContent = ` × ${count(times)}`;
    what.append(badge);
  }
  item.append(time, what);
  return item;
}

function skippedLine(skipped: number): HTMLLIElement {
  const item = document.createElement("li");
  item.dataset.tone = "quiet";
  const what = document.createElement("span");
  what.textContent = `${count(skipped)} more`;
  item.append(document.createElement("time"), what);
  return item;
}
