import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isRoot, NOBODY, startModule } from "../../test/child.ts";
import { readFile } from "../../test/io.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

/** A token that shows whether it is complete: its number at both ends determines its length. */
const TOKEN = `(n) => n + "-" + "x".repeat(n % 150) + "-" + n`;

function expectWhole(token: string | null): void {
  const parts = /^(\d+)-(x*)-(\d+)$/.exec(token ?? "");
  expect(parts, `found ${JSON.stringify(token)}`).not.toBeNull();
  expect(parts?.[1]).toBe(parts?.[3]);
  expect(parts?.[2]).toHaveLength(Number(parts?.[1]) % 150);
}

/** Saves one token after another until killed. Prints a line once the first is saved. */
async function startSaving(configsDir: string, options: { uid: number | undefined; restAfter: number }) {
  const script = `
    import { setTimeout } from "node:timers/promises";
    import { fileTokenStorage } from "@x/auth-node";
    const token = ${TOKEN};
    const storage = fileTokenStorage({ configsDir: ${JSON.stringify(configsDir)} });
    for (let n = 1; ; n += 1) {
      await storage.write(token(n));
      if (n === 1) process.stdout.write("saving");
      if (n % ${options.restAfter} === 0) await setTimeout(1);
    }`;
  const child = startModule(script, options);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", () => reject(new Error("The child exited by itself.")));
  });
  return {
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A random moment within the next saves, each of which takes about a millisecond. */
const instant = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 8));

/** A directory whose file can be replaced, or can only be written in place. */
function directoryToSaveIn(how: "replaced" | "written in place") {
  const { dir, file } = tokenDirectory();
  if (how === "replaced") return { dir, file, uid: undefined };
  fs.writeFileSync(file, "0--0", { mode: 0o600 });
  if (isRoot) fs.chownSync(file, NOBODY, NOBODY);
  else {
    fs.chmodSync(dir, 0o500);
    onTestFinished(() => fs.chmodSync(dir, 0o700));
  }
  return { dir, file, uid: isRoot ? NOBODY : undefined };
}

const LANES = 4;

describe.each(["replaced", "written in place"] as const)("incident 10: a file that is %s", (how) => {
  const kills = how === "replaced" ? 52 : 24;

  test(`holds the old token or the new one after a writer was killed, ${kills} times`, async () => {
    const lanes = Array.from({ length: LANES }, async () => {
      const { dir, file, uid } = directoryToSaveIn(how);
      for (let time = 0; time < kills / LANES; time += 1) {
        const child = await startSaving(dir, { uid, restAfter: 20 });
        await instant();
        await child.kill();
        expectWhole(fs.readFileSync(file, "utf8").trim());
        expectWhole(await readFile(file));
      }
      return dir;
    });
    for (const dir of await Promise.all(lanes)) await expectSwept(dir);
  });

  test("is whole whenever another process reads it", async () => {
    const { dir, file, uid } = directoryToSaveIn(how);
    const child = await startSaving(dir, { uid, restAfter: 1 });
    for (let time = 0; time < 500; time += 1) expectWhole(await readFile(file));
    await child.kill();
  });
});

/** Leftovers of killed saves are removed by the next save once they are old enough. */
async function expectSwept(dir: string): Promise<void> {
  const long = new Date(Date.now() - 11 * 60_000);
  for (const name of fs.readdirSync(dir)) fs.utimesSync(join(dir, name), long, long);
  await fileTokenStorage({ configsDir: dir }).write("1-x-1");
  expect(fs.readdirSync(dir)).toEqual([".auth_token"]);
}
