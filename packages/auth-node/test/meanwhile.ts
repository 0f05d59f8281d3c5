import fs from "node:fs";
import { vi } from "vitest";

/** Lets something happen just before the file is opened for the nth time. */
export function beforeOpening(actions: Record<number, () => void>) {
  const real = fs.open;
  let times = 0;
  return vi.spyOn(fs, "open").mockImplementation(((...args: Parameters<typeof real>) => {
    times += 1;
    actions[times]?.();
    real(...args);
  }) as typeof fs.open);
}

/** Lets something happen just after the content was read for the nth time. */
export function afterReading(action: (time: number) => void) {
  const real = fs.read as (...args: unknown[]) => void;
  let times = 0;
  return vi.spyOn(fs, "read").mockImplementation(((...args: unknown[]) => {
    const done = args.at(-1) as (...results: unknown[]) => void;
    real(...args.slice(0, -1), (...results: unknown[]) => {
      times += 1;
      action(times);
      done(...results);
    });
  }) as typeof fs.read);
}
