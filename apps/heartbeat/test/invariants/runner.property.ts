import fc from "fast-check";
import { vi } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { ModelDisk } from "./disk.ts";
import type { Product } from "./load-product.ts";
import { anything, type Operation } from "./operations.ts";
import { Operator } from "./operator.ts";
import { A, type OpenDisk, World } from "./world.ts";

/** The violations of a run of operations. */
export async function live(
  product: Product,
  operations: readonly Operation[],
  openDisk: OpenDisk = (options) => new ModelDisk(options),
): Promise<readonly string[]> {
  const world = new World(product, openDisk);
  const restore = onClock(world.clock);
  try {
    const operator = new Operator(world);
    for (const each of operations) {
      await operator.run(each);
      if (world.audit.violations.length > 0) break;
    }
    if (world.audit.violations.length === 0) await world.calmDown();
    await world.stop();
    return world.audit.violations;
  } finally {
    restore();
  }
}

/** The whole runner, with platforms and a disk in any permitted behaviour. */
export const runnerProperty = (product: Product) =>
  fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 40, size: "max" }), async (operations) => {
    fail(await live(product, operations));
  });

/** A workspace whose token no disk takes is removed after `run()` has settled, and then the disks work again. */
export const RUNNER_EXAMPLES: [Operation[]][] = [
  [
    [
      { do: "disk", area: "token", condition: "write-fails" },
      { do: "disk", area: "spill", condition: "write-fails" },
      { do: "add", id: "atlas", place: A },
      { do: "pass", ms: 1_000 },
      { do: "restart", list: [] },
      { do: "abort", id: "atlas", place: A },
    ],
  ],
];

export function fail(violations: readonly string[]): void {
  if (violations.length > 0) throw new Error(violations.join("\n"));
}

/** The limits inside the packages use simulated time, too. */
export function onClock(clock: Clock): () => void {
  const timers = new Map<object, () => void>();
  vi.stubGlobal("setTimeout", (ring: () => void, ms: number) => {
    const timer = { unref: () => timer, ref: () => timer };
    timers.set(timer, clock.after(ms, ring));
    return timer;
  });
  vi.stubGlobal("clearTimeout", (timer: object) => {
    timers.get(timer)?.();
    timers.delete(timer);
  });
  return () => vi.unstubAllGlobals();
}
