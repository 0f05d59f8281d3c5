import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { followFiles } from "./follow-files.ts";

/** A file that is followed, and how often it was said to have changed. */
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
    path,
    changes: () => changes,
    follow(readAt: number) {
      const changed = () => {
        changes += 1;
      };
      followFiles({ paths: [path], readAt, changed, stop: stop.signal });
    },
  };
}

it("tells what changed between the reading of a file and the first look at it, once", async () => {
  const { path, changes, follow } = stage();
  await sleep(50);
  const readAt = Date.now();
  await sleep(50);
  writeFileSync(path, '[{"id":"a"}]');
  follow(readAt);
  await expect.poll(changes, { timeout: 5_000 }).toBe(1);
  await sleep(1_200);
  expect(changes()).toBe(1);
});

it("tells nothing of a file that is as it was read", async () => {
  const { changes, follow } = stage();
  await sleep(50);
  follow(Date.now());
  await sleep(1_200);
  expect(changes()).toBe(0);
});
