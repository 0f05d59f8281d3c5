import fc from "fast-check";
import { expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import { createTurns, LoopWatch } from "./loop-watch.ts";

it("reports wedged exactly while the other loop has been blocked for longer than the limit", async () => {
  const spans = fc.array(
    fc.record({ isTurning: fc.boolean(), halfSeconds: fc.integer({ min: 1, max: 60 }) }),
    {
      maxLength: 20,
    },
  );
  await fc.assert(
    fc.asyncProperty(spans, async (all) => {
      const clock = virtualClock();
      const turns = createTurns();
      const ended: number[] = [];
      const watch = new LoopWatch({
        turns,
        clock,
        wedgedAfterMs: 10_000,
        onTurning: (blockedMs) => ended.push(blockedMs),
      });
      let stillMs = 0;
      for (const { isTurning, halfSeconds } of all) {
        for (let passed = 0; passed < halfSeconds; passed += 1) {
          if (isTurning) Atomics.add(turns, 0, 1);
          const wasWedged = stillMs >= 10_000;
          stillMs = isTurning ? 0 : stillMs + 500;
          await clock.advance(500);
          expect(watch.report().runtimeState === "wedged").toBe(stillMs >= 10_000);
          if (isTurning && wasWedged) expect(ended.pop()).toBeGreaterThanOrEqual(10_000);
          expect(ended).toEqual([]);
        }
      }
      watch.close();
    }),
    { numRuns: 50 },
  );
});
