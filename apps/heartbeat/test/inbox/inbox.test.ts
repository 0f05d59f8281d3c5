import { mkdir, stat, truncate, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { MessageHandler } from "../../src/workspace/inbox/message.ts";
import { ATLAS } from "../ids.ts";
import { createInboxScene } from "./scene.ts";

const answer = async ({ text }: { text: string }) => `re: ${text}`;
const failing = async ({ text }: { text: string }) => {
  if (text === "bad") throw new Error("no such model");
  return `re: ${text}`;
};
const untilAborted: MessageHandler = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("a message", () => {
  it("of a user is passed to the handler unchanged, and answered with a notify", async () => {
    const scene = await createInboxScene(answer);
    const { check } = scene.start();
    await check();
    await scene.ask("hello");
    await check();
    expect(scene.handled).toEqual([
      {
        workspace_id: ATLAS,
        message_id: expect.any(String),
        from: { kind: "user", id: null },
        text: "hello",
        parts: [{ kind: "text", text: "hello" }],
        received_at: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    expect(scene.notified()).toEqual(["re: hello"]);
  });

  it("whose answer the platform cannot take is answered later, and each attempt is counted", async () => {
    const scene = await createInboxScene(answer);
    const { check } = scene.start();
    await check();
    await scene.ask("hello");
    scene.emulator.outage({ kind: "status", status: 500 }, { paths: ["/workspaces/*/notify"] });
    for (let times = 0; times < 3; times += 1) {
      await check();
      await scene.clock.advance(300_000);
    }
    const counts = scene.events.flatMap((event) => (event.type === "answer-failed" ? [event.count] : []));
    expect(counts).toEqual([1, 2, 3]);
    scene.emulator.outage(null);
    await check();
    expect(scene.events.at(-1)).toMatchObject({ type: "message-answered" });
    expect(scene.handled).toHaveLength(1);
  });

  it("is never the workspace's own answer, which also appears in the feed", async () => {
    const scene = await createInboxScene(answer);
    const { check } = scene.start();
    await scene.ask("hello");
    for (let times = 0; times < 4; times += 1) await check();
    expect(scene.notified()).toEqual(["re: hello"]);
    await scene.start().check();
    expect(scene.handled).toHaveLength(1);
  });

  it("that the platform brings to the workspace's URL is not fetched as well", async () => {
    const scene = await createInboxScene(answer);
    const { check, job } = scene.start();
    await scene.ask("before");
    await check();
    await scene.register({ deliveryMode: "push", url: "http://localhost:9" });
    job.registered("push");
    job.registered("push");
    await scene.ask("answered there");
    await check();
    expect(scene.typesOf().filter((type) => type === "inbox-unused")).toHaveLength(1);
    expect(scene.handled).toHaveLength(1);

    await scene.register({ deliveryMode: "poll", url: "" });
    job.registered("poll");
    await scene.ask("after");
    await check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["before", "after"]);
  });

  it("of another workspace is answered with a message marked as an answer, with a stable id", async () => {
    const scene = await createInboxScene(answer);
    await scene.birch.sendMessage({ to: ATLAS, text: "hi", messageId: "m-1" });
    await scene.start().check();
    expect(scene.handled[0]).toMatchObject({
      message_id: "m-1",
      from: { kind: "workspace", id: scene.birch.workspaceId },
    });
    expect(await scene.answers()).toEqual([
      {
        role: "user",
        messageId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
        parts: [{ kind: "text", text: "re: hi" }],
        metadata: { in_reply_to: "m-1" },
      },
    ]);
  });

  it.each([
    ["is marked as an answer", { in_reply_to: "x" }],
    ["is marked with something other than text", { in_reply_to: { a: 1 } }],
    ["is marked with an empty text", { in_reply_to: "" }],
  ])("that %s is handled and never answered", async (_, metadata) => {
    const scene = await createInboxScene(answer);
    await scene.birch.sendMessage({ to: ATLAS, text: "an answer", metadata });
    await scene.start().check();
    expect(scene.handled).toHaveLength(1);
    expect(await scene.answers()).toEqual([]);
  });

  it("without an answer is done: an empty text or nothing sends nothing", async () => {
    const scene = await createInboxScene(({ text }) => (text === "empty" ? "" : undefined));
    const { check } = scene.start();
    await scene.ask("empty");
    await scene.ask("nothing");
    await check();
    await scene.start().check();
    expect(scene.handled).toHaveLength(2);
    expect(scene.notified()).toEqual([]);
  });

  it("whose answer the platform stores differently is answered once, though the runner is killed after sending", async () => {
    const scene = await createInboxScene(() => "a\0b\ud83d");
    await scene.ask("hello");
    await scene.start().check();
    const kept = (await scene.read("inbox.jsonl"))
      .split("\n")
      .filter((line) => /"(start|answer)"/.test(line));
    await writeFile(scene.file("inbox.jsonl"), `${kept.join("\n")}\n`);
    await scene.start().check();
    expect(scene.notified()).toEqual(["ab\ufffd"]);
  });

  it("whose sender cannot be read is reported and passed over, even if it fills a page", async () => {
    const scene = await createInboxScene(answer);
    const { check } = scene.start();
    await scene.ask("hello");
    await check();
    const rows = Array.from({ length: 50 }, (_, index) => ({ id: `r${index}`, source_id: 7 }));
    const fault = { kind: "status", status: 200, body: JSON.stringify(rows) } as const;
    scene.emulator.outage(fault, { paths: ["/workspaces/*/activity"], forRequests: 1 });
    await check();
    expect(scene.typesOf().filter((type) => type === "message-unreadable")).toHaveLength(50);
    await scene.ask("after");
    for (let checks = 0; checks < 3; checks += 1) await check();
    expect(scene.notified()).toEqual(["re: hello", "re: after"]);
  });

  it("older than ten minutes is ignored on a new machine; newer ones and those during a downtime are handled", async () => {
    const scene = await createInboxScene(answer);
    await scene.ask("old");
    await scene.clock.advance(601_000);
    await scene.ask("new");
    await scene.start().check();
    expect(scene.notified()).toEqual(["re: new"]);
    await scene.ask("meanwhile");
    await scene.clock.advance(86_400_000);
    await scene.start().check();
    expect(scene.notified()).toEqual(["re: new", "re: meanwhile"]);
  });

  it("from the time of earlier runners is handled, though none of them lived until the workspace's turn", async () => {
    const scene = await createInboxScene(answer);
    const since = scene.clock.wall();
    await scene.ask("before");
    await scene.clock.advance(1_800_000);
    await scene.ask("during");
    await scene.start({ since: async () => since + 601_000 }).check();
    expect(scene.notified()).toEqual(["re: during"]);
    await scene.start({ since: async () => since }).check();
    expect(scene.notified()).toEqual(["re: during"]);
  });

  it.each([
    ["though the clock was hours ahead when the inbox was empty", 5 * 3_600_000, 5_000],
    ["that arrives while a runner without messages is down", 0, 86_400_000],
  ])("is handled %s", async (_, aheadMs, downMs) => {
    const scene = await createInboxScene(answer);
    await scene.start({ aheadMs }).check();
    await scene.ask("meanwhile");
    await scene.clock.advance(downMs);
    await scene.start().check();
    expect(scene.notified()).toEqual(["re: meanwhile"]);
  });

  it("of many is handled exactly once, in order, across several pages", async () => {
    const scene = await createInboxScene(answer);
    const { check } = scene.start();
    await scene.ask("0");
    await check();
    const texts = Array.from({ length: 60 }, (_, index) => String(index + 1));
    for (const text of texts) await scene.ask(text);
    for (let times = 0; times < 5; times += 1) await check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["0", ...texts]);
  });

  it("is handled after hundreds of the workspace's own rows, also while another one waits before them", async () => {
    const scene = await createInboxScene(failing);
    await scene.ask("first");
    await scene.start().check();
    await scene.say(501);
    await scene.ask("bad");
    await scene.say(501);
    await scene.birch.sendMessage({ to: ATLAS, text: "hello" });
    const { check } = scene.start();
    for (let pages = 0; pages < 25; pages += 1) await check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["first", "bad", "hello"]);
    expect(await scene.answers()).toMatchObject([{ parts: [{ text: "re: hello" }] }]);
  });
});

describe("a lost cursor", () => {
  it("restarts the inbox without answering finished messages again", async () => {
    const scene = await createInboxScene(answer);
    await scene.ask("one");
    await scene.start().check();
    const lost = JSON.stringify({ cursor: "99999999-9999-4999-8999-999999999999" });
    await writeFile(scene.file("inbox.jsonl"), `${await scene.read("inbox.jsonl")}${lost}\n`);
    await scene.ask("two");
    const { check } = scene.start();
    await check();
    await check();
    expect(scene.typesOf()).toContain("inbox-restarted");
    expect(scene.notified()).toEqual(["re: one", "re: two"]);
  });
});

describe("a handler that fails", () => {
  it("is retried twice with growing pauses; then the message is set aside and its sender gets an error", async () => {
    const scene = await createInboxScene(failing);
    const { check } = scene.start();
    await scene.ask("bad");
    await check();
    await scene.clock.advance(9_000);
    await check();
    expect(scene.handled).toHaveLength(1);
    await scene.clock.advance(1_000);
    await check();
    expect(scene.handled).toHaveLength(2);
    await scene.clock.advance(59_000);
    await check();
    expect(scene.handled).toHaveLength(2);
    await scene.clock.advance(1_000);
    await check();
    expect(scene.handled).toHaveLength(3);
    const lines = (await scene.read("failed_messages.jsonl")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        failed_at: expect.any(String),
        reason: "no such model",
        message: expect.objectContaining({ text: "bad" }),
      },
    ]);
    expect((await stat(scene.file("failed_messages.jsonl"))).mode & 0o777).toBe(0o600);
    expect((await stat(scene.file("inbox.jsonl"))).mode & 0o777).toBe(0o600);
    expect(scene.notified()).toEqual([expect.stringContaining("could not be handled")]);
  });

  it("blocks only its sender's next messages, even across a restart", async () => {
    const scene = await createInboxScene(failing);
    const { check } = scene.start();
    await scene.ask("bad");
    await scene.ask("after");
    await scene.birch.sendMessage({ to: ATLAS, text: "other" });
    await check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["bad", "other"]);
    const again = scene.start();
    await again.check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["bad", "other", "bad"]);
    await scene.clock.advance(60_000);
    await again.check();
    expect(scene.handled.map(({ text }) => text)).toEqual(["bad", "other", "bad", "bad", "after"]);
    expect(scene.notified()).toEqual([expect.stringContaining("could not be handled"), "re: after"]);
  });

  it("and takes too long is aborted and counts as failed", async () => {
    const scene = await createInboxScene(untilAborted);
    const runner = scene.start({ timeoutMs: 2_000 });
    await scene.ask("slow");
    await runner.run();
    await expect.poll(() => scene.handled.length).toBe(1);
    expect(runner.job.currentTask()).toMatch(/^message .* from the user$/);
    await scene.clock.advance(2_000);
    await runner.job.settled();
    expect(runner.job.currentTask()).toBeNull();
    expect(scene.events).toContainEqual(
      expect.objectContaining({ type: "handler-failed", reason: "it took longer than 2 s", pauseMs: 10_000 }),
    );
  });

  it("and never ends blocks only its own workspace", async () => {
    const scene = await createInboxScene(() => new Promise(() => {}));
    const runner = scene.start({ timeoutMs: 2_000 });
    await scene.ask("hangs");
    await runner.run();
    await expect.poll(() => scene.handled.length).toBe(1);
    const turns = Array.from({ length: 63 }, () => scene.turns.take(new AbortController().signal));
    await Promise.all(turns);
    const next = scene.turns.take(new AbortController().signal);
    await scene.clock.advance(20_000);
    expect(await next).toBe(true);
    const closed = runner.job.close();
    await scene.clock.advance(10_000);
    await closed;
  });

  it("logs without any workspace's tokens", async () => {
    const other = "A".repeat(20) + "b".repeat(23);
    const scene = await createInboxScene((_, { log }) => {
      log(`mine ${scene.token()}, another's ${other}`);
      throw new Error(`refused ${scene.token()}`);
    });
    await scene.ask("x");
    await scene.start().check();
    expect(scene.typesOf()).toContain("handler-output");
    const said = JSON.stringify(scene.events);
    expect(said).not.toContain(scene.token());
    expect(said).not.toContain(other);
  });
});

describe("a stop", () => {
  it("gives a handler five seconds; then its message is left to the next start", async () => {
    const scene = await createInboxScene(untilAborted);
    const { job, run } = scene.start();
    await scene.ask("slow");
    await run();
    await expect.poll(() => scene.handled.length).toBe(1);
    const closed = job.close();
    await scene.clock.advance(4_900);
    expect(job.currentTask()).not.toBeNull();
    await scene.clock.advance(200);
    await closed;
    expect(scene.typesOf()).not.toContain("handler-failed");
    await scene.start().run();
    await expect.poll(() => scene.handled.length).toBe(2);
  });

  it("sends a handler's answer within its five seconds", async () => {
    let finish = (_: string) => {};
    const scene = await createInboxScene(
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    const { job, run } = scene.start();
    await scene.ask("slow");
    await run();
    await expect.poll(() => scene.handled.length).toBe(1);
    const closed = job.close();
    finish("just in time");
    await closed;
    expect(scene.notified()).toEqual(["just in time"]);
  });
});

describe("the inbox's file", () => {
  it("that is not a file is left alone: nothing is handled, and the log names the obstacle", async () => {
    const scene = await createInboxScene(answer);
    await mkdir(scene.file("inbox.jsonl"));
    await scene.ask("hello");
    await scene.start().check();
    expect(scene.events).toEqual([
      expect.objectContaining({ type: "inbox-failed", message: expect.stringContaining("directory") }),
    ]);
    expect(scene.handled).toEqual([]);
  });

  it("with foreign lines is read, skipping them", async () => {
    const scene = await createInboxScene(answer);
    await scene.ask("one");
    await scene.start().check();
    const lines = ["{", "[]", '{"cursor":7}', '{"__proto__":{"start":1}}', '{"answer":{"row":"x","text":5}}'];
    await writeFile(scene.file("inbox.jsonl"), `${await scene.read("inbox.jsonl")}${lines.join("\n")}\n`);
    await scene.ask("two");
    await scene.start().check();
    expect(scene.notified()).toEqual(["re: one", "re: two"]);
    expect(scene.events).toContainEqual(expect.objectContaining({ type: "inbox-damaged", lines: 5 }));
  });

  it("that was emptied is reported, with the messages that are handled again", async () => {
    const scene = await createInboxScene(answer);
    await scene.ask("one");
    await scene.start().check();
    expect(scene.events).not.toContainEqual(expect.objectContaining({ type: "inbox-damaged" }));
    await truncate(scene.file("inbox.jsonl"));
    await scene.start().check();
    expect(scene.notified()).toEqual(["re: one", "re: one"]);
    expect(scene.events).toContainEqual(
      expect.objectContaining({ type: "inbox-damaged", lines: 1, again: expect.any(Number) }),
    );
    await scene.start().check();
    expect(scene.events.filter(({ type }) => type === "inbox-damaged")).toHaveLength(1);
  });

  it("does not grow with the messages", async () => {
    const scene = await createInboxScene(() => "x".repeat(200_000));
    const { check } = scene.start();
    for (let times = 0; times < 6; times += 1) {
      await scene.ask("again");
      await check();
    }
    expect((await stat(scene.file("inbox.jsonl"))).size).toBeLessThan(800_000);
    expect(scene.notified()).toHaveLength(6);
  });
});
