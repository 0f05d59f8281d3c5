import fc from "fast-check";
import { expect, test } from "vitest";
import { Readers } from "./readers.ts";

const give = (text: string | null) => async () => text;
const fail = async (): Promise<string | null> => {
  throw new Error("unreadable");
};

test("only content that some reader has not seen counts as a change", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  expect(await follower.haveAll(give("a"))).toBe(true);
  expect(await follower.haveAll(give("b"))).toBe(false);
  // Watchers have been notified, and later readers will see it.
  expect(await follower.haveAll(give("b"))).toBe(true);
  await readers.reading(give("c"));
  expect(await follower.haveAll(give("c"))).toBe(false);
  expect(await follower.haveAll(give(null))).toBe(false);
});

test("before the first read, any content counts as a change", async () => {
  const follower = new Readers().follow();
  expect(await follower.haveAll(give(null))).toBe(false);
});

test("readers who got different texts are notified", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  await readers.reading(give("b"));
  expect(await readers.follow().haveAll(give("b"))).toBe(false);
});

test("a writer is notified of its own write, because others may read through the same storage", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  await readers.writing(async () => {});
  expect(await follower.haveAll(give("a"))).toBe(false);
  await readers.writing(fail).catch(() => {});
  expect(await follower.haveAll(give("a"))).toBe(false);
});

test("becoming unreadable, and readable again, each counts as one change", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  expect(await follower.haveAll(fail)).toBe(false);
  await expect(readers.reading(fail)).rejects.toThrow("unreadable");
  expect(await follower.haveAll(fail)).toBe(true);
  expect(await follower.haveAll(give("a"))).toBe(false);
});

test("each watcher is tracked separately", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const [one, two] = [readers.follow(), readers.follow()];
  expect(await one.haveAll(give("b"))).toBe(false);
  await readers.reading(give("b"));
  expect(await one.haveAll(give("b"))).toBe(true);
  expect(await two.haveAll(give("b"))).toBe(false);
  two.end();
});

test("a reader that reads on each notification ends with the stored token, in any order of events", async () => {
  const step = fc.oneof(fc.constantFrom("write a", "write b"), fc.constantFrom("read", "touch"));
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 30 }), async (scheduler, steps) => {
      const turn = (label: string) => scheduler.schedule(Promise.resolve(), label);
      const readers = new Readers();
      const follower = readers.follow();
      let stored: string | null = null;
      let cached: string | null | undefined;
      let generation = 0;
      let looking: Promise<void> | null = null;
      let again = false;

      async function read(label: string): Promise<string | null> {
        await turn(`${label} opens`);
        const text = stored;
        await turn(`${label} closes`);
        return text;
      }
      async function use(): Promise<void> {
        if (cached !== undefined) return;
        const begun = generation;
        const text = await readers.reading(() => read("reader"));
        if (begun === generation) cached = text;
      }
      async function watch(): Promise<void> {
        while (again) {
          again = false;
          if (await follower.haveAll(() => read("watcher"))) continue;
          cached = undefined;
          generation += 1;
        }
        looking = null;
      }
      async function event(): Promise<void> {
        await turn("event");
        again = true;
        looking ??= watch();
        await looking;
      }

      const all: Promise<void>[] = [];
      const run = (async () => {
        for (const name of steps) {
          await turn(name);
          if (name === "read") all.push(use());
          else {
            if (name !== "touch") stored = name;
            all.push(event());
          }
        }
      })();
      await scheduler.waitFor(run.then(() => Promise.all(all)));
      expect(cached === undefined || cached === stored).toBe(true);
    }),
    { numRuns: 300 },
  );
});
