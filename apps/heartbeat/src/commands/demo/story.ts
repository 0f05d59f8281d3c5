import { type Clock, sleep } from "../../clock.ts";

/** Prints the demo line by line and collects its checks. */
export interface Story {
  /** Prints a line with the demo's time. */
  print(line: string): void;
  /** Begins a chapter. */
  chapter(title: string): void;
  /**
   * Waits until `passed` is true and prints the result; the check counts either way, unless the demo was stopped first.
   *
   * @param withinMs in simulated time
   */
  expect(what: string, passed: () => boolean, withinMs?: number): Promise<void>;
  /** Call it whenever something changes that `expect` may be waiting for. */
  nudge(): void;
  /** False when a check failed. */
  passed(): boolean;
  /** The last words: all checks passed, those that failed, or that it was stopped. */
  result(): string;
}

/** @param print takes one line */
export function createStory(clock: Clock, print: (line: string) => void, stop: AbortSignal): Story {
  const start = clock.monotonic();
  let passedChecks = 0;
  const failed: string[] = [];
  let nudged = new AbortController();
  const stamp = () => {
    const seconds = Math.floor((clock.monotonic() - start) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  };
  return {
    print: (line) => print(`${stamp()}  ${line}`),
    chapter: (title) => print(`\n${title}`),
    nudge() {
      nudged.abort();
      nudged = new AbortController();
    },
    async expect(what, passed, withinMs = 600_000) {
      const deadline = clock.monotonic() + withinMs;
      while (!passed() && clock.monotonic() < deadline && !stop.aborted) {
        // Some conditions become true only as time passes, such as a workspace going offline.
        await sleep(clock, 1_000, AbortSignal.any([nudged.signal, stop]));
      }
      const outcome = passed();
      if (!outcome && stop.aborted) return;
      if (outcome) passedChecks += 1;
      else failed.push(what);
      print(`${stamp()}  ${outcome ? "✓" : "✗ failed:"} ${what}`);
    },
    passed: () => failed.length === 0,
    result() {
      if (failed.length > 0) return `Failed:\n${failed.map((what) => `  - ${what}`).join("\n")}`;
      return stop.aborted ? "Stopped before the end." : `All ${passedChecks} checks passed.`;
    },
  };
}
