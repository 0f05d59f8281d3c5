import fc from "fast-check";
import { expect, test } from "vitest";
import { Readers } from "./readers.ts";

const give = (text: string | null) => async () => text;
const fail = async (): Promise<string | null> => {
  throw new Error("unreadable");
};

test("what everybody who read was given is no news; anything else is", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  expect(await follower.haveAll(give("a"))).toBe(true);
  expect(await follower.haveAll(give("b"))).toBe(false);
  // They have been told, and whoever has not read since will.
  expect(await follower.haveAll(give("b"))).toBe(true);
  await readers.reading(give("c"));
  expect(await follower.haveAll(give("c"))).toBe(false);
  expect(await follower.haveAll(give(null))).toBe(false);
});

test("when nobody has read yet, anything is news", async () => {
  const follower = new Readers().follow();
  expect(await follower.haveAll(give(null))).toBe(false);
});

test("readers who were given different texts are told", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  await readers.reading(give("b"));
  expect(await readers.follow().haveAll(give("b"))).toBe(false);
});

test("a writer is told of its own write, since others may read through the same storage", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  await readers.writing(async () => {});
  expect(await follower.haveAll(give("a"))).toBe(false);
  await readers.writing(fail).catch(() => {});
  expect(await follower.haveAll(give("a"))).toBe(false);
});

test("that it cannot be read is news once, and that it can again", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const follower = readers.follow();
  expect(await follower.haveAll(fail)).toBe(false);
  await expect(readers.reading(fail)).rejects.toThrow("unreadable");
  expect(await follower.haveAll(fail)).toBe(true);
  expect(await follower.haveAll(give("a"))).toBe(false);
});

test("each watcher is accounted for by itself", async () => {
  const readers = new Readers();
  await readers.reading(give("a"));
  const [one, two] = [readers.follow(), readers.follow()];
  expect(await one.haveAll(give("b"))).toBe(false);
  await readers.reading(give("b"));
  expect(await one.haveAll(give("b"))).toBe(true);
  expect(await two.haveAll(give("b"))).toBe(false);
  two.end();
});

test("whoever reads again when told ends with what is stored, in whatever order things happen", async () => {
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

      async function look(label: string): Promise<string | null> {
        await turn(`${label} opens`);
        const text = stored;
        await turn(`${label} closes`);
        return text;
      }
      async function use(): Promise<void> {
        if (cached !== undefined) return;
        const begun = generation;
        const text = await readers.reading(() => look("reader"));
        if (begun === generation) cached = text;
      }
      async function watch(): Promise<void> {
        while (again) {
          again = false;
          if (await follower.haveAll(() => look("watcher"))) continue;
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
