import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { heartbeat } from "./processes.ts";

it("the demo with three machines moves one machine's workspaces, ends on its own, and exits with 0", async () => {
  const demo = heartbeat(["demo", "--machines", "3"], {});
  const code = await demo.ended;
  expect(demo.output()).toMatch(/All \d+ checks passed\./);
  expect(code).toBe(0);
}, 180_000);

it("the demo rejects an invalid number of machines", async () => {
  const demo = heartbeat(["demo", "--machines", "one"], {});
  expect(await demo.ended).toBe(2);
});

it.skipIf(process.platform !== "linux")(
  "the demo leaves no runner behind, even if it is killed",
  async () => {
    const demo = heartbeat(["demo", "--machines", "2"], {});
    await demo.printed(/machine-1: joined[\s\S]*machine-2: joined|machine-2: joined[\s\S]*machine-1: joined/);
    const runners = await childrenOf(demo.child.pid ?? 0);
    expect(runners.length).toBeGreaterThanOrEqual(2);
    await demo.stop("SIGKILL");
    await expect.poll(async () => (await Promise.all(runners.map(isRunning))).includes(true)).toBe(false);
  },
  120_000,
);

/** State and parent of a process, as Linux tells them. */
async function statOf(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (pid) => Number((await statOf(pid))[1])));
  return pids.filter((_, index) => parents[index] === parent);
}

async function isRunning(pid: number): Promise<boolean> {
  const [state = ""] = await statOf(pid);
  return state !== "" && state !== "Z" && state !== "X";
}
