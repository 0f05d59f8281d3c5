import TinyQueue from "tinyqueue";
import type { Entry } from "./entry.ts";

const heap = () => new TinyQueue<Entry>([], (a, b) => a.stepAt - b.stepAt);
const firstAt = (queue: TinyQueue<Entry>): number => queue.peek()?.stepAt ?? Number.POSITIVE_INFINITY;

/**
 * Entries in the order in which their steps run. When more are due than can run, registered ones go first: they go
 * offline without a heartbeat, and would have to register again.
 */
export class StepQueue {
  readonly #registered = heap();
  readonly #others = heap();

  get length(): number {
    return this.#registered.length + this.#others.length;
  }

  push(entry: Entry): void {
    (entry.scheduled.isRegistered ? this.#registered : this.#others).push(entry);
  }

  /** When the next step is due; infinity for never. */
  nextAt(): number {
    return Math.min(firstAt(this.#registered), firstAt(this.#others));
  }

  /**
   * Takes out at most `most` of the due entries.
   *
   * @param reserved how many of the others go before registered ones
   */
  takeDue(now: number, most: number, reserved = 0): Entry[] {
    const due: Entry[] = [];
    moveDue(this.#others, due, { now, most: Math.min(most, reserved) });
    moveDue(this.#registered, due, { now, most });
    moveDue(this.#others, due, { now, most });
    return due;
  }
}

function moveDue(from: TinyQueue<Entry>, to: Entry[], { now, most }: { now: number; most: number }): void {
  for (let head = from.peek(); head !== undefined && head.stepAt <= now; head = from.peek()) {
    if (to.length >= most) return;
    from.pop();
    to.push(head);
  }
}
