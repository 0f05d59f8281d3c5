import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { A, B } from "./ids.ts";
import { heartbeat } from "./processes.ts";
import { hangAt } from "./storage/disks.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

const HANGING_THREADS = new URL("./support/hanging-threads.mjs", import.meta.url).href;

it.each([
  [["doctor"], "the disk has not answered for 5 s"],
  [["send", B, "hello"], "not delivered"],
  [["rotate"], "not rotated"],
])("%j prints its result and ends while the disk of its token hangs", async (args, result) => {
  const { url } = await startPlatform();
  const dir = temporaryDirectory();
  const hang = hangAt(join(dir, "hangs"));
  const env = { PLATFORM_URL: url, WORKSPACE_ID: A, CONFIGS_DIR: dir };
  const running = heartbeat(args, { ...env, NODE_OPTIONS: `--import ${HANGING_THREADS}` });
  expect(await running.ended).toBe("SIGKILL");
  expect(running.output()).toContain(result);
  hang.end();
});

it("doctor reports each workspace of a list and ends while their disk hangs", async () => {
  const { url } = await startPlatform();
  const dir = temporaryDirectory();
  const list = join(dir, "workspaces.json");
  writeFileSync(list, JSON.stringify([{ id: A }, { id: B }]));
  hangAt(join(dir, "workspaces", `http_127.0.0.1_${new URL(url).port}`, "hangs"));
  const env = { PLATFORM_URL: url, CONFIGS_DIR: dir, NODE_OPTIONS: `--import ${HANGING_THREADS}` };
  const doctor = heartbeat(["doctor", "--workspaces-file", list], env);
  expect(await doctor.ended).toBe("SIGKILL");
  expect(doctor.output()).toContain(`${A}\n✗ token file  the disk has not answered for 5 s`);
  expect(doctor.output()).toContain(
    `${B}\n✗ token file  not checked, because the disk of another workspace hangs`,
  );
});
