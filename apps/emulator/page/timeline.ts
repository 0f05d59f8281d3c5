import type { TimelineMessage } from "../src/dashboard/messages.ts";
import { byId, setText } from "./dom.ts";
import { count, timeOfDay } from "./format.ts";
import { type EventFilter, type EventGroup, grouped, passes } from "./timeline-groups.ts";

const MAX_LINES = 200;
/** At most this many workspaces are named; beyond it, only the number. */
const MAX_NAMES = 2;

/** The timeline's actions. */
export interface TimelineActions {
  filter(filter: Partial<EventFilter>): void;
}

/** The events, newest first. */
export class TimelineView {
  readonly #list = byId("timeline", HTMLOListElement);
  readonly #empty = byId("timeline-empty", HTMLElement);
  readonly #older = byId("timeline-older", HTMLElement);
  readonly #errors = byId("errors-only", HTMLInputElement);
  readonly #chip = byId("timeline-workspace", HTMLButtonElement);
  readonly #nameOf: (workspaceId: string) => string;
  /** The rendered lines by the number of their first event, with their content. */
  readonly #lines = new Map<number, { item: HTMLLIElement; shows: string }>();
  #events: readonly TimelineMessage[] = [];
  #shown = "";

  /** @param nameOf a workspace's display name */
  constructor(nameOf: (workspaceId: string) => string, actions: TimelineActions) {
    this.#nameOf = nameOf;
    this.#errors.addEventListener("change", () => actions.filter({ errorsOnly: this.#errors.checked }));
    this.#chip.addEventListener("click", () => {
      actions.filter({ workspaceId: null });
      this.#list.focus();
    });
  }

  /** Shows the events that pass the filter, given oldest first; does nothing if they are shown already. */
  render(events: readonly TimelineMessage[], filter: EventFilter): void {
    const { workspaceId, errorsOnly } = filter;
    const name = workspaceId === null ? "" : this.#nameOf(workspaceId);
    const key = `${workspaceId} ${name} ${errorsOnly}`;
    // Event numbers are not sufficient: another emulator counts from 1 as well.
    if (events === this.#events && key === this.#shown) return;
    this.#events = events;
    this.#shown = key;
    this.#errors.checked = errorsOnly;
    this.#chip.hidden = workspaceId === null;
    setText(this.#chip, `only ${name} ×`);
    this.#chip.ariaLabel = `Show the events of all workspaces, not only of ${name}`;
    const groups = grouped(events.filter((event) => passes(event, filter)));
    this.#show(groups.slice(-MAX_LINES).reverse());
    this.#empty.hidden = groups.length > 0;
    setText(this.#empty, emptyText(events));
    const older = olderText(events, groups.length);
    this.#older.hidden = older === "";
    setText(this.#older, older);
  }

  /** Unchanged lines are kept, and with them any selection. */
  #show(groups: readonly EventGroup[]): void {
    const shown = new Map(
      groups.map((group) => [group.seq, `${group.times} ${group.at} ${this.#namesOf(group)}`]),
    );
    for (const [seq, { item, shows }] of this.#lines) {
      if (shown.get(seq) === shows) continue;
      item.remove();
      this.#lines.delete(seq);
    }
    let next = this.#list.firstElementChild;
    for (const group of groups) {
      const item = this.#lines.get(group.seq)?.item ?? this.#line(group);
      this.#lines.set(group.seq, { item, shows: shown.get(group.seq) ?? "" });
      if (item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
  }

  #line(group: EventGroup): HTMLLIElement {
    const { tone, text, at, times, workspaceIds } = group;
    const item = document.createElement("li");
    item.dataset.tone = tone;
    const time = document.createElement("time");
    time.dateTime = new Date(at).toISOString();
    time.textContent = timeOfDay(at);
    const what = document.createElement("span");
    if (workspaceIds.size > 0) {
      const who = document.createElement("b");
      who.textContent = this.#namesOf(group);
      who.title = [...workspaceIds].slice(0, 20).join("\n");
      what.append(who, " ");
    }
    what.append(text);
    if (times > workspaceIds.size && times > 1) {
      const badge = document.createElement("span");
      badge.className = "times";
      badge.textContent = ` × ${count(times)}`;
      what.append(badge);
    }
    item.append(time, what);
    return item;
  }

  #namesOf({ workspaceIds: ids }: EventGroup): string {
    if (ids.size > MAX_NAMES) return `${count(ids.size)} workspaces`;
    return [...ids].map((id) => this.#nameOf(id)).join(", ");
  }
}

function emptyText(events: readonly TimelineMessage[]): string {
  if (events.length === 0) return "Nothing yet.";
  return `None of the ${isCut(events) ? "last " : ""}${count(events.length)} events matches the filter.`;
}

/** What the list leaves out. */
function olderText(events: readonly TimelineMessage[], groups: number): string {
  if (groups > MAX_LINES) return `The newest ${MAX_LINES} lines. Filter to see others.`;
  return groups > 0 && isCut(events)
    ? `Of the last ${count(events.length)} events. Older ones are not kept.`
    : "";
}

/** Whether there were events before these: they are numbered from 1. */
const isCut = ([first]: readonly TimelineMessage[]): boolean => first !== undefined && first.seq > 1;
