import { AuthError } from "@x/auth-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { JobQueue, type PendingJob } from "./job.ts";

const job = (key: string, id: number): PendingJob => ({
  key,
  directory: key,
  id,
  name: "",
  args: null,
  signal: undefined,
  failure: (why) => new AuthError("STORAGE_READ_FAILED", why),
  position: 0,
  onAbort() {},
  resolve() {},
  reject() {},
});

const key = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  fc.record({ type: fc.constant("push" as const), key }),
  fc.record({ type: fc.constant("take" as const) }),
  fc.record({ type: fc.constant("release" as const), key }),
  fc.record({ type: fc.constant("hang" as const), key }),
  fc.record({ type: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ type: fc.constant("removeAll" as const) }),
);

/** The simplest possible queue: everything that waits, in order, and the busy directories. */
class Model {
  waiting: PendingJob[] = [];
  readonly taken = new Map<string, "running" | "hung">();

  takeable(): PendingJob[] {
    const seen = new Set<string>();
    return this.waiting.filter(({ key }) => !this.taken.has(key) && !seen.has(key) && seen.add(key));
  }
}

test("takes one job at a time per directory, in order, and neither loses nor repeats one", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new JobQueue();
      const model = new Model();
      const drop = (gone: readonly PendingJob[]) => {
        model.waiting = model.waiting.filter((one) => !gone.includes(one));
      };
      for (const [index, next] of steps.entries()) {
        switch (next.type) {
          case "push": {
            const pushed = job(next.key, index);
            if (queue.isHung(next.key)) break;
            queue.push(pushed);
            model.waiting.push(pushed);
            break;
          }
          case "take": {
            const taken = queue.take();
            if (taken === undefined) {
              expect(model.takeable()).toEqual([]);
              break;
            }
            expect(model.takeable()).toContain(taken);
            drop([taken]);
            model.taken.set(taken.key, "running");
            break;
          }
          case "release":
            if (!model.taken.has(next.key)) break;
            queue.release(next.key);
            model.taken.delete(next.key);
            break;
          case "hang": {
            if (model.taken.get(next.key) !== "running") break;
            const waiting = model.waiting.filter(({ key }) => key === next.key);
            expect(queue.hang(next.key)).toEqual(waiting);
            drop(waiting);
            model.taken.set(next.key, "hung");
            break;
          }
          case "remove": {
            const chosen = model.waiting[next.at % (model.waiting.length || 1)];
            if (chosen === undefined) break;
            expect(queue.remove(chosen)).toBe(true);
            expect(queue.remove(chosen)).toBe(false);
            drop([chosen]);
            break;
          }
          case "removeAll": {
            expect(new Set(queue.removeAll())).toEqual(new Set(model.waiting));
            model.waiting = [];
          }
        }
        expect(queue.isEmpty).toBe(model.takeable().length === 0);
        for (const one of ["a", "b", "c"]) expect(queue.isHung(one)).toBe(model.taken.get(one) === "hung");
      }
    }),
    { numRuns: 1_000 },
  );
});

test("directories take turns", () => {
  const queue = new JobQueue();
  for (let id = 0; id < 4; id += 1) queue.push(job("busy", id));
  queue.push(job("other", 9));
  const order = Array.from({ length: 5 }, () => {
    const taken = queue.take();
    if (taken !== undefined) queue.release(taken.key);
    return taken?.id;
  });
  expect(order).toEqual([0, 9, 1, 2, 3]);
});
