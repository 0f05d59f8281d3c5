import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { A } from "../../test/ids.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { PendingCalls } from "../config/pending-calls.ts";
import { followConfig } from "./reload.ts";

it("reloads once more, however many SIGHUPs arrive during a reload", async () => {
  const list = join(temporaryDirectory(), "workspaces.json");
  writeFileSync(list, `[{"id":"${A}"}]`);
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  let ended = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const apply = vi.fn(async () => {
    await held;
    return { added: [], removed: [], moved: [], rotated: [] };
  });
  followConfig({
    flags: { workspacesFile: list, platformUrl: "https://platform.example" },
    files: new Map([[list, ""]]),
    env: {},
    apply,
    setCards() {},
    log: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    hide() {},
    stop: stopping.signal,
    pending: new PendingCalls(),
    reloads: {
      began() {},
      ended() {
        ended += 1;
      },
    },
    notePlatforms() {},
  });
  process.emit("SIGHUP");
  await expect.poll(() => apply.mock.calls).toHaveLength(1);
  for (let signal = 0; signal < 20; signal += 1) process.emit("SIGHUP");
  release();
  await expect.poll(() => ended).toBe(2);
  process.emit("SIGHUP");
  await expect.poll(() => ended).toBe(3);
});
