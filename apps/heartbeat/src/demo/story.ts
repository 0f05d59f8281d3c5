import { type Clock, sleep } from "../clock.ts";

/** Tells a story in plain lines, and keeps account of what was to happen and did. */
export interface Story {
  /** A line, with the time that has passed in the story. */
  tell(line: string): void;
  /** Opens a chapter. */
  chapter(title: string): void;
  /**
   * Waits until `happened` is true, and tells it; `what` goes into the account either way.
   *
   * @param withinMs in the story's time
   */
  expect(what: string, happened: () => boolean, withinMs?: number): Promise<void>;
  /** To be called whenever something changed that `expect` may be waiting for. */
  nudge(): void;
  account(): readonly { readonly what: string; readonly happened: boolean }[];
}

/** @param print takes one line */
export function createStory(clock: Clock, print: (line: string) => void, stop: AbortSignal): Story {
  const start = clock.monotonic();
  const account: { what: string; happened: boolean }[] = [];
  let nudged = new AbortController();
  const stamp = () => {
    const seconds = Math.floor((clock.monotonic() - start) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  };
  return {
    tell: (line) => print(`${stamp()}  ${line}`),
    chapter: (title) => print(`\n${title}`),
    nudge() {
      nudged.abort();
      nudged = new AbortController();
    },
    async expect(what, happened, withinMs = 600_000) {
      const deadline = clock.monotonic() + withinMs;
      while (!happened() && clock.monotonic() < deadline && !stop.aborted) {
        // Some of what is waited for (a workspace that goes offline) comes with time alone.
        await sleep(clock, 1_000, AbortSignal.any([nudged.signal, stop]));
      }
      const outcome = happened();
      account.push({ what, happened: outcome });
      print(`${stamp()}  ${outcome ? "✓" : "✗ did not happen:"} ${what}`);
    },
    account: () => account,
  };
}
