import { statSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { A } from "../../test/ids.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { stampOf } from "../config/file-stamps.ts";
import { PendingCalls } from "../config/pending-calls.ts";
import { followConfig } from "./reload.ts";

afterEach(() => void vi.useRealTimers());

/** Lets no file be opened, until the test ends or the result is called. */
function failToOpen(code: string): () => void {
  const { open } = fs;
  const set = (value: typeof open) => {
    fs.open = value;
    syncBuiltinESMExports();
  };
  set(() => Promise.reject(Object.assign(new Error("no file"), { code })));
  const restore = () => set(open);
  onTestFinished(restore);
  return restore;
}

const NOTHING = { added: [], removed: [], moved: [], rotated: [] };

function follow(given: Partial<Parameters<typeof followConfig>[0]>) {
  const list = join(temporaryDirectory(), "workspaces.json");
  writeFileSync(list, `[{"id":"${A}"}]`);
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  followConfig({
    flags: { workspacesFile: list, platformUrl: "https://platform.example" },
    files: new Map([[list, stampOf(statSync(list, { bigint: true }))]]),
    env: {},
    apply: async () => NOTHING,
    setCards() {},
    log: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    hide() {},
    stop: stopping.signal,
    pending: new PendingCalls(),
    reloads: { began() {}, ended() {} },
    notePlatforms() {},
    ...given,
  });
}

it("reloads once more, however many SIGHUPs arrive during a reload", async () => {
  let ended = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const apply = vi.fn(async () => {
    await held;
    return NOTHING;
  });
  follow({
    apply,
    reloads: {
      began() {},
      ended() {
        ended += 1;
      },
    },
  });
  process.emit("SIGHUP");
  await expect.poll(() => apply.mock.calls).toHaveLength(1);
  for (let signal = 0; signal < 20; signal += 1) process.emit("SIGHUP");
  release();
  await expect.poll(() => ended).toBe(2);
  process.emit("SIGHUP");
  await expect.poll(() => ended).toBe(3);
});

it("applies a list that could not be read as soon as it can be, and reports that once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const apply = vi.fn(async () => NOTHING);
  const error = vi.fn();
  follow({ apply, log: { trace() {}, debug() {}, info() {}, warn() {}, error } });
  const restore = failToOpen("EMFILE");
  process.emit("SIGHUP");
  await expect.poll(() => error.mock.calls).toHaveLength(1);
  for (let retries = 0; retries < 2; retries += 1) {
    await expect.poll(() => vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(5_000);
  }
  await expect.poll(() => vi.getTimerCount()).toBe(2);
  restore();
  vi.advanceTimersByTime(5_000);
  await expect.poll(() => apply.mock.calls).toHaveLength(1);
  expect(error).toHaveBeenCalledTimes(1);
});
