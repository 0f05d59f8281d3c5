import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serve } from "./network-servers.ts";
import { heartbeat } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";

async function setUp() {
  const { port } = await serve();
  const dir = temporaryDirectory();
  const env = { PLATFORM_URL: `http://127.0.0.1:${port}`, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir };
  return { dir, start: () => heartbeat(["run"], env), mark: join(dir, ".runner.json") };
}

describe("a second runner on the same configs directory", () => {
  it("is detected and logged once by both, and both continue", async () => {
    const { start } = await setUp();
    const [first, second] = [start(), start()];
    await first.printed(/SECOND_RUNNER.*another runner uses the same configs directory/);
    await second.printed(/SECOND_RUNNER/);
    for (const { child } of [first, second]) child.kill("SIGTERM");
    expect([await first.ended, await second.ended]).toEqual([0, 0]);
    for (const { output } of [first, second]) expect(output().match(/SECOND_RUNNER/g)).toHaveLength(1);
  });

  it("is not assumed from the leftovers of a killed one", async () => {
    const { start, mark, dir } = await setUp();
    const killed = start();
    await expect.poll(() => readdir(dir), { timeout: 20_000 }).toContain(".runner.json");
    await killed.stop("SIGKILL");
    const again = start();
    const left = await readFile(mark, "utf8");
    await expect.poll(() => readFile(mark, "utf8"), { timeout: 20_000 }).not.toBe(left);
    await again.printed(/"REGISTERED"/);
    await again.stop();
    expect(again.output()).not.toContain("SECOND_RUNNER");
  });

  it.each([
    ["a directory", (mark: string) => mkdir(mark)],
    ["a link out of the directory", (mark: string) => symlink("/etc/hostname", mark)],
    ["something else", (mark: string) => writeFile(mark, "[".repeat(100_000))],
  ])("does not fail for %s at its mark's path", async (_what, put) => {
    const { start, mark } = await setUp();
    await put(mark);
    const runner = start();
    await runner.printed(/"REGISTERED"/);
    expect(await runner.stop()).toBe(0);
  });
});
