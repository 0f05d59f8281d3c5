import { vi } from "vitest";

/** A listener that counts its calls. */
export function createNotices() {
  const changed = vi.fn();
  return {
    changed,
    count: () => changed.mock.calls.length,
    /** Settles as soon as there were more than so many calls. */
    moreThan: (count: number) =>
      vi.waitFor(
        () => {
          if (changed.mock.calls.length <= count) throw new Error(`told ${changed.mock.calls.length} times`);
        },
        { timeout: 4_000, interval: 2 },
      ),
  };
}
