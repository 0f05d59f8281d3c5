import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type ReadFiles, stampOf } from "../config/file-stamps.ts";
import { PendingCalls } from "../config/pending-calls.ts";
import { followFiles } from "./follow-files.ts";

/** A file that was read, and how often a change was reported since. */
function stage() {
  const dir = mkdtempSync(join(tmpdir(), "follow-"));
  const path = join(dir, "list.json");
  const stop = new AbortController();
  let changes = 0;
  onTestFinished(() => {
    stop.abort();
    rmSync(dir, { recursive: true });
  });
  writeFileSync(path, "[]");
  return {
    dir,
    path,
    changes: () => changes,
    follow(files: ReadFiles) {
      const changed = () => {
        changes += 1;
      };
      followFiles(files, { changed, stop: stop.signal, pending: new PendingCalls() });
    },
  };
}

const asRead = (path: string): ReadFiles => new Map([[path, stampOf(statSync(path, { bigint: true }))]]);

it("reports what changed between reading a file and its first check, once", async () => {
  const { path, changes, follow } = stage();
  const read = asRead(path);
  writeFileSync(path, '[{"id":"a"}]');
  follow(read);
  await expect.poll(changes).toBe(1);
  await sleep(1_200);
  expect(changes()).toBe(1);
});

it("reports a link that now points to another file, even an older one", async () => {
  const { dir, path, changes, follow } = stage();
  mkdirSync(join(dir, "old"));
  writeFileSync(join(dir, "old", "list.json"), "[]");
  const link = join(dir, "data.json");
  symlinkSync(path, link);
  const read = asRead(link);
  symlinkSync(join(dir, "old", "list.json"), join(dir, "next"));
  renameSync(join(dir, "next"), link);
  follow(read);
  await expect.poll(changes).toBe(1);
});

it("reports a file that can no longer be checked once, and continues", async () => {
  const { path, changes, follow } = stage();
  follow(asRead(path));
  unlinkSync(path);
  symlinkSync(path, path);
  await expect.poll(changes).toBe(1);
  unlinkSync(path);
  writeFileSync(path, "[1]");
  await expect.poll(changes).toBe(2);
});

it("reports nothing for an unchanged file", async () => {
  const { path, changes, follow } = stage();
  follow(asRead(path));
  await sleep(1_200);
  expect(changes()).toBe(0);
});
