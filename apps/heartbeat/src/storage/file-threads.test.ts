import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthError } from "@x/auth-core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { built, runShell } from "../../test/storage/built.ts";
import { hangAt, SCRIPTED } from "../../test/storage/disks.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { FileThreads, type FileThreadsLimits } from "./file-threads.ts";
import type { Job } from "./job.ts";

function start(limits: FileThreadsLimits = { answerMs: 800, slowMs: 80 }) {
  const threads = new FileThreads({ entry: SCRIPTED, limits });
  onTestFinished(async () => void (await threads.close()));
  return threads;
}

const job = (directory: string, name: string, args?: unknown): Job => ({
  key: directory,
  directory,
  name,
  args,
  failure: (why) => new AuthError("STORAGE_WRITE_FAILED", `It cannot be stored: ${why}`),
});

/** Hanging disks: one directory each, with a job in it. */
function hangMany(threads: FileThreads, count: number) {
  const dir = temporaryDirectory();
  return Array.from({ length: count }, (_, index) => {
    const hang = hangAt(join(dir, `pipe-${index}`));
    const running = threads.run(job(`/disk-${index}`, "readPipe", hang.pipe));
    running.catch(() => {});
    return { ...hang, running };
  });
}

const NO_ANSWER = /^It cannot be stored: the disk under \/disk-0 has not answered for 0\.8 s\.$/;

describe("file threads", () => {
  test("run one job after another, and those of a directory in order", async () => {
    const threads = start();
    const names = ["a1", "b1", "a2", "a3", "b2"];
    const notes = await Promise.all(names.map((name) => threads.run(job(`/${name[0]}`, "note", name))));
    const last = notes.find((noted) => Array.isArray(noted) && noted.length === names.length);
    expect(last).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("report a job's error by name and code only: its text may quote a secret", async () => {
    await expect(start().run(job("/a", "fail"))).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: "It cannot be stored: it failed (Error EIO).",
    });
  });

  test("fail a job whose disk does not answer, and then its directory's jobs at once until it does", async () => {
    const threads = start();
    const [hung] = hangMany(threads, 1);
    const waiting = threads.run(job("/disk-0", "echo", 1));
    await expect(hung?.running).rejects.toThrow(NO_ANSWER);
    await expect(waiting).rejects.toThrow(NO_ANSWER);
    await expect(threads.run(job("/disk-0", "echo", 2))).rejects.toThrow(NO_ANSWER);
    await expect(threads.run(job("/healthy", "echo", 3))).resolves.toBe(3);

    hung?.end();
    await expect.poll(() => threads.run(job("/disk-0", "echo", 4)).catch(() => null)).toBe(4);
  });

  test("do not block other directories, files or host names when four disks hang", async () => {
    const threads = start({ answerMs: 60_000, slowMs: 40 });
    const hung = hangMany(threads, 4);
    const others = Array.from({ length: 8 }, (_, index) =>
      threads.run(job(`/other-${index}`, "echo", index)),
    );
    await expect(Promise.all(others)).resolves.toHaveLength(8);
    await expect(lookup("localhost")).resolves.toHaveProperty("address");
    await expect(readFile(SCRIPTED, "utf8")).resolves.toContain("parentPort");
    // All of them were hanging throughout.
    for (const { end } of hung) end();
    await expect(Promise.all(hung.map(({ running }) => running))).resolves.toHaveLength(4);
  });

  test("fail everything at once when too many disks hang, until one answers", async () => {
    const threads = start({ answerMs: 800, slowMs: 20, hungThreads: 2 });
    const hung = hangMany(threads, 3);
    await Promise.allSettled(hung.map(({ running }) => running));
    await expect(threads.run(job("/healthy", "echo", 1))).rejects.toThrow(
      "It cannot be stored: 3 other directories are already waiting for disks that do not respond, the most allowed.",
    );
    hung[1]?.end();
    await expect.poll(() => threads.run(job("/healthy", "echo", 2)).catch(() => null)).toBe(2);
  });

  test("are kept from one burst to the next, and all but one end when they are idle", async () => {
    const threads = start();
    const used = new Set<unknown>();
    const burst = async (count: number) => {
      const jobs = Array.from({ length: count }, (_, index) => threads.run(job(`/${index}`, "threadId")));
      for (const id of await Promise.all(jobs)) used.add(id);
    };
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    for (let bursts = 0; bursts < 20; bursts += 1) await burst(100);
    const before = used.size;
    expect(before).toBeLessThanOrEqual(4);
    await vi.advanceTimersByTimeAsync(10_000);
    await burst(100);
    expect(used.size - before).toBe(before - 1);
  });

  test("drop a waiting job when its signal aborts", async () => {
    const threads = start();
    const { signal, abort } = abortable();
    const first = threads.run(job("/a", "note", "first"));
    const dropped = threads.run(job("/a", "note", "dropped"), signal);
    abort();
    await expect(dropped).rejects.toBe(signal.reason);
    await first;
    await expect(threads.run(job("/a", "note", "last"))).resolves.toEqual(["first", "last"]);
    await expect(threads.run(job("/a", "note", "late"), signal)).rejects.toBe(signal.reason);
  });

  test("cancel a running job when its signal aborts, and wait for it", async () => {
    const threads = start({ answerMs: 10_000 });
    const { signal, abort } = abortable();
    const running = threads.run(job("/a", "untilCancelled"), signal);
    await threads.run(job("/b", "echo"));
    abort();
    await expect(running).rejects.toBe(signal.reason);
    const { signal: other, abort: abortOther } = abortable();
    const working = threads.run(job("/a", "work", 100), other);
    await threads.run(job("/b", "echo"));
    abortOther();
    await expect(working, "its work was already done").resolves.toBe("worked");
  });

  test("accept an answer that arrived while the main thread was busy for longer than the limit", async () => {
    const threads = start({ answerMs: 500, slowMs: 500 });
    await threads.run(job("/a", "echo"));
    // From here the event loop reaches its timers before its messages.
    await new Promise((resolve) => setImmediate(resolve));
    const running = threads.run(job("/a", "work", 50));
    const until = performance.now() + 1_500;
    while (performance.now() < until);
    await expect(running).resolves.toBe("worked");
  });

  test.each(["exit", "exhaust"])(
    "fail the job of a thread that exits (%s), and start another",
    async (how) => {
      const threads = start({ answerMs: 20_000 });
      const running = threads.run(job("/a", how));
      await expect(running).rejects.toThrow(/^It cannot be stored: the thread for it ended \(/);
      await expect(threads.run(job("/a", "echo", 1))).resolves.toBe(1);
    },
  );

  test("fail a job when their code cannot be found", async () => {
    const threads = new FileThreads({ entry: new URL("./nowhere.mjs", import.meta.url) });
    await expect(threads.run(job("/a", "echo"))).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
  });

  test("keep the process alive while they have a job, but not when idle or hung", async () => {
    const pipe = hangAt(join(temporaryDirectory(), "pipe")).pipe;
    const script = `
      import { FileThreads } from "${await built("storage/file-threads")}";
      const threads = new FileThreads({ entry: new URL("${SCRIPTED}"), limits: { answerMs: 1_500 } });
      const job = (name, args) => ({ key: name, directory: name, name, args, failure: (why) => new Error(why) });
      process.stdout.write(await threads.run(job("work", 200)));
      process.on("beforeExit", () => {
        process.stdout.write(", ended");
        // A thread that hangs in a system call keeps the process from exiting otherwise.
        process.kill(process.pid, "SIGKILL");
      });
      await threads.run(job("readPipe", ${JSON.stringify(pipe)})).catch(() => process.stdout.write(", hung"));`;
    const command = `("$NODE" --input-type=module -e "$SCRIPT" || true)`;
    await expect(runShell(command, script)).resolves.toBe("worked, hung, ended");
  });

  test("finish pending jobs when closed, and accept no more", async () => {
    const threads = start();
    const running = threads.run(job("/a", "work", 50));
    const waiting = threads.run(job("/a", "echo", 1));
    await expect(threads.close()).resolves.toEqual({ hung: false });
    await expect(running).resolves.toBe("worked");
    await expect(waiting).resolves.toBe(1);
    await expect(threads.run(job("/a", "echo"))).rejects.toThrow("the store is closed.");
  });

  test("report a thread that a disk still blocks when closed", async () => {
    const threads = start({ answerMs: 60_000 });
    const [hung] = hangMany(threads, 1);
    const started = performance.now();
    await expect(threads.close()).resolves.toEqual({ hung: true });
    expect(performance.now() - started).toBeLessThan(2_500);
    await expect(hung?.running).rejects.toThrow("the store is closed.");
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error("stopped")) };
}
