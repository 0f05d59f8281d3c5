import { vi } from "vitest";

/** A listener that counts its calls. */
export function createChangeCounter() {
  const changed = vi.fn();
  return {
    changed,
    count: () => changed.mock.calls.length,
    /** Settles once there were more than this many calls; until then, calls `prompt` again and again. */
    moreThan: (count: number, prompt = () => {}) =>
      vi.waitFor(
        () => {
          prompt();
          if (changed.mock.calls.length <= count)
            throw new Error(`called ${changed.mock.calls.length} times`);
        },
        { timeout: 4_000, interval: 2 },
      ),
  };
}
