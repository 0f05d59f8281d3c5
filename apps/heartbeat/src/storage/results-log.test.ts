import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HANGING_DISK, hangAt, succeeds } from "../../test/storage/disks.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { createFileStore, type FileStoreLimits } from "./file-store.ts";

const ref = { platformOrigin: "http://127.0.0.1:8787", workspaceId: "a" };
const limits = { answerMs: 1_500, slowMs: 100 };

function place(options: { limits?: FileStoreLimits } = {}) {
  const configsDir = temporaryDirectory();
  const directory = join(configsDir, "workspaces", "http_127.0.0.1_8787", "a");
  const open = () => {
    const store = createFileStore({
      configsDir,
      env: {},
      layout: "list",
      onEvent() {},
      entry: HANGING_DISK,
      limits,
      ...options,
    });
    onTestFinished(async () => void (await store.close()));
    return store.results(ref);
  };
  const file = join(directory, "delegation_results.jsonl");
  return { configsDir, directory, file, open, text: () => fs.readFileSync(file, "utf8") };
}

const result = (id: string) => ({ id, summary: `of ${id}` });

describe("a results log", () => {
  test("remembers delivered and announced results across restarts", async () => {
    const { open, file } = place();
    const log = open();
    expect(log.location).toBe(file);
    await expect(log.load()).resolves.toEqual({
      delivered: [],
      unannounced: [],
      damagedLines: 0,
      isNew: true,
    });
    await log.append([result("1"), result("2")]);
    await log.markAnnounced(["1"]);
    const known = { delivered: ["1", "2"], unannounced: ["2"], damagedLines: 0, isNew: false };
    await expect(log.load()).resolves.toEqual(known);
    await expect(open().load()).resolves.toEqual(known);
  });

  test("writes no result twice, even with concurrent appends", async () => {
    const { open, text } = place();
    const log = open();
    await Promise.all([log.append([result("1"), result("1")]), log.append([result("1"), result("2")])]);
    await log.append([result("2")]);
    const again = open();
    await again.append([result("1"), result("2")]);
    expect(text()).toBe(`${JSON.stringify(result("1"))}\n${JSON.stringify(result("2"))}\n`);
  });

  test("skips results whose ids are too long to remember", async () => {
    const { open, file } = place();
    const log = open();
    await log.append([result("x".repeat(257))]);
    await log.markAnnounced(["x".repeat(1_000_000)]);
    expect(fs.existsSync(file)).toBe(false);
  });

  test("starts a new file before it grows too large, without forgetting anything", async () => {
    const { open, directory } = place({ limits: { rotateBytes: 500 } });
    const log = open();
    const ids = Array.from({ length: 40 }, (_, index) => String(index));
    for (const id of ids) {
      await log.append([result(id)]);
      if (id !== "39") await log.markAnnounced([id]);
    }
    expect(fs.readdirSync(directory).sort()).toEqual([
      "delegation_results.1.jsonl",
      "delegation_results.jsonl",
    ]);
    await expect(open().load()).resolves.toEqual({
      delivered: ids,
      unannounced: ["39"],
      damagedLines: 0,
      isNew: false,
    });
  });

  test("reports why a file cannot be used, and uses it once it can", async () => {
    const { open, directory, file } = place();
    const log = open();
    fs.mkdirSync(directory, { recursive: true });
    fs.symlinkSync("/etc/hostname", file);
    await expect(log.load()).rejects.toMatchObject({
      code: "STORAGE_READ_FAILED",
      message: `The results in ${file} cannot be read: it is a symbolic link, not a file. Move it away.`,
    });
    await expect(log.append([result("1")])).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    fs.rmSync(file);
    await log.append([result("1")]);
    fs.rmSync(file);
    fs.mkdirSync(file);
    await expect(log.append([result("2")])).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: `The results cannot be stored in ${file}: it is a directory, not a file. Move it away.`,
    });
  });

  test("is not in a directory that is a link, which might be a neighbour's", async () => {
    const { open, directory, configsDir } = place();
    const neighbour = join(configsDir, "workspaces", "http_127.0.0.1_8787", "b");
    fs.mkdirSync(neighbour, { recursive: true });
    fs.symlinkSync("b", directory);
    await expect(open().append([result("1")])).rejects.toThrow(/is a symbolic link/);
    expect(fs.readdirSync(neighbour)).toEqual([]);
  });

  test("delivers nothing twice when the disk completes an abandoned append", async () => {
    const { open, text, directory, file } = place();
    const log = open();
    await log.append([result("1")]);
    const hung = hangAt(join(directory, "hangs"));
    await expect(log.append([result("2")])).rejects.toThrow(/has not answered/);
    await expect(log.append([result("2")])).rejects.toThrow(/has not answered/);
    hung.end();
    await expect.poll(() => succeeds(() => log.append([result("2")]))).toBe(true);
    expect(text()).toBe(`${JSON.stringify(result("1"))}\n${JSON.stringify(result("2"))}\n`);
    expect(fs.existsSync(file)).toBe(true);
  });

  test("drops an append whose signal aborts before its turn", async () => {
    const { open, text } = place();
    const log = open();
    await log.append([result("1")]);
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(log.append([result("2")], { signal })).rejects.toBe(signal.reason);
    await log.append([result("3")]);
    expect(text()).toBe(`${JSON.stringify(result("1"))}\n${JSON.stringify(result("3"))}\n`);
  });
});

describe("the results of the first layout", () => {
  test("are taken over once, even when the workspace already has its own directory", async () => {
    const { open, configsDir, directory, text } = place();
    const former = join(configsDir, "workspaces", "a");
    fs.mkdirSync(former, { recursive: true });
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(join(directory, "something"), "");
    fs.writeFileSync(join(former, "delegation_results.jsonl"), `${JSON.stringify(result("1"))}\n`);
    await expect(open().load()).resolves.toHaveProperty("delivered", ["1"]);
    expect(fs.existsSync(join(former, "delegation_results.jsonl"))).toBe(false);
    await open().append([result("1"), result("2")]);
    expect(text()).toBe(`${JSON.stringify(result("1"))}\n${JSON.stringify(result("2"))}\n`);
  });
});
