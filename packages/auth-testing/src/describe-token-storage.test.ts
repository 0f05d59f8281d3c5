import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { brokenStorages } from "../test/broken/index.ts";
import { collect } from "../test/collect.ts";
import { describeTokenStorage } from "./index.ts";

const folder = new URL("..", import.meta.url);

describeTokenStorage("memory", () => ({ storage: memoryTokenStorage() }), { describe, it: test });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Fake timers, so that tests do not wait for a missing notification. */
const hurry = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: false });

async function collectInAHurry(create: Parameters<typeof collect>[0]) {
  hurry();
  let done = false;
  const collected = collect(create).finally(() => {
    done = true;
  });
  while (!done) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(50);
  }
  return collected;
}

test("a correct storage passes every test, with and without optional methods", async () => {
  const plain = await collect(() => {
    const { location, read, write } = memoryTokenStorage();
    return { storage: { location, read, write } };
  });
  const whole = await collect(() => {
    const good = memoryTokenStorage();
    let [readsFail, writesFail] = [false, false];
    const storage: TokenStorage = {
      ...good,
      read(options) {
        if (readsFail) throw new Error("cannot be read");
        return good.read(options);
      },
      async write(token, options) {
        if (writesFail) throw new Error("cannot be written");
        await good.write(token, options);
      },
      probe() {
        if (writesFail) throw new Error("cannot be written");
      },
    };
    return {
      storage,
      reopen: () => good,
      failReads() {
        readsFail = true;
      },
      failWrites() {
        writesFail = true;
      },
    };
  });
  for (const results of [plain, whole]) {
    expect([...results].filter(([, failure]) => failure !== null)).toEqual([]);
  }
  expect([...whole.keys()]).toMatchSnapshot();
});

describe("the suite detects a storage that", () => {
  test.each(brokenStorages)("$fault", async ({ caughtBy, create }) => {
    const results = await collectInAHurry(create);
    const failed = [...results].filter(([, failure]) => failure !== null).map(([name]) => name);
    expect([...results.keys()]).toContain(caughtBy);
    expect(failed).toContain(caughtBy);
  });
});

test("every test is failed by some broken storage", () => {
  const caught = new Set(brokenStorages.map(({ caughtBy }) => caughtBy));
  const names: string[] = [];
  describeTokenStorage("names", () => ({ storage: memoryTokenStorage() }), {
    describe: (_name, body) => body(),
    it: (name) => names.push(name),
  });
  expect(names.filter((name) => !caught.has(name))).toEqual([]);
});

test("each test has its own fixture, disposed of once, whether it passes or fails", async () => {
  let created = 0;
  let disposed = 0;
  const results = await collect(() => {
    created += 1;
    return {
      storage: { location: "nowhere", read: () => null, write() {} },
      dispose() {
        disposed += 1;
      },
    };
  });
  expect(created).toBe(results.size);
  expect(disposed).toBe(results.size);
  expect([...results.values()].some((failure) => failure !== null)).toBe(true);
});

test("a failure shows the expected and the actual value", async () => {
  const results = await collect(() => ({ storage: { location: "nowhere", read: () => null, write() {} } }));
  expect(results.get("returns the written token")?.message).toBe(
    'reading after the write settled: expected "a-token-of-one-workspace" (24 characters), got null (null)',
  );
});

test("the suite runs without timers", async () => {
  vi.stubGlobal("setTimeout", undefined);
  vi.stubGlobal("clearTimeout", undefined);
  const results = await collect(() => ({ storage: memoryTokenStorage() }));
  expect([...results].filter(([, failure]) => failure !== null)).toEqual([]);
});

test("the suite runs under node:test, from the built package, as the README shows it", () => {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(new URL("README.md", folder), "utf8"))?.[1];
  expect(example).toBeDefined();
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", example ?? "", "--test-reporter=tap"],
    { cwd: folder, env, encoding: "utf8" },
  );
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/fail 0/);
});

test.each([undefined, null, { describe, test }])(
  "without `describe` or `it` it says what is missing",
  (runner) => {
    const register = () =>
      Reflect.apply(describeTokenStorage, null, [
        "memory",
        () => ({ storage: memoryTokenStorage() }),
        runner,
      ]);
    expect(register).toThrow("requires { describe, it }");
  },
);
