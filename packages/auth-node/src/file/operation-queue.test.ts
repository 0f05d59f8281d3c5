import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OperationQueue, runForPath } from "./operation-queue.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => vi.useRealTimers());

const unanswered = (seconds: number) => new Error(`no answer for ${seconds} s`);

describe("the queue", () => {
  test("runs operations in the order of the calls, even after a failure", async () => {
    const queue = new OperationQueue();
    const done: number[] = [];
    const results = [1, 2, 3].map((turn) =>
      queue.run(
        async () => {
          if (turn === 2) throw new Error("failed turn");
          done.push(turn);
        },
        { unanswered },
      ),
    );
    expect((await Promise.allSettled(results)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(done).toEqual([1, 3]);
    expect(queue.isIdle).toBe(true);
  });

  test("lets an operation wait longer than 5 s while those before it progress", async () => {
    const queue = new OperationQueue();
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 4_000));
    const all = Promise.all([1, 2, 3].map(() => queue.run(slow, { unanswered })));
    await vi.advanceTimersByTimeAsync(12_000);
    await all;
  });

  test("releases an aborted caller from the queue", async () => {
    const queue = new OperationQueue();
    let release = () => {};
    const first = queue.run(() => new Promise<void>((resolve) => (release = resolve)), { unanswered });
    const controller = new AbortController();
    const never = vi.fn(async () => {});
    const waiting = queue.run(never, { signal: controller.signal, unanswered });
    controller.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    release();
    await first;
    expect(never).not.toHaveBeenCalled();
  });

  test("of a path is shared by all storages of the process", async () => {
    const order: string[] = [];
    const run = (name: string) =>
      runForPath(
        "/some/path",
        async () => {
          order.push(`${name} begins`);
          await null;
          order.push(`${name} ends`);
        },
        { unanswered },
      );
    await Promise.all([run("one"), run("two")]);
    expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  });
});
