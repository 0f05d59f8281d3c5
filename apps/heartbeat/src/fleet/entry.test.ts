import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasSettled } from "../../test/scheduled.ts";
import { Entry, type Scheduled } from "./entry.ts";

const scheduled: Scheduled = {
  isRegistered: true,
  jobs: [],
  step: () => Promise.resolve({ wait: "interval", reachedPlatform: true, isAlive: true }),
  runJob: () => Promise.resolve(),
};
const createEntry = () => new Entry(scheduled, { pauseMs: () => 0 }, 0.5);

describe("an entry of the schedule", () => {
  it("is removed at once when nothing is in flight", async () => {
    const entry = createEntry();
    expect(await hasSettled(entry.remove())).toBe(true);
    expect(entry.removed).toBe(true);
  });

  it("aborts its job when it is removed", () => {
    const entry = createEntry();
    entry.job = new AbortController();
    const { signal } = entry.job;
    void entry.remove();
    expect(signal.aborted).toBe(true);
  });

  it("is removed when the last step or job in flight ends, in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 10 }), async (begins) => {
        const entry = createEntry();
        entry.begin();
        const removed = entry.remove();
        let inFlight = 1;
        for (const isBegin of begins) {
          if (inFlight === 0) break;
          if (isBegin) entry.begin();
          else entry.end();
          inFlight += isBegin ? 1 : -1;
          expect(await hasSettled(removed)).toBe(inFlight === 0);
        }
      }),
    );
  });
});
