import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ATLAS } from "../ids.ts";
import { startProgram } from "../processes.ts";
import { createLibraryScene, heartbeatsOf } from "./scene.ts";

/** Uses the built package. */
const AGENT = fileURLToPath(new URL("blocking-agent.mjs", import.meta.url));

const soon = { timeout: 30_000 };

it("reports a blocked event loop as wedged with a reason, continues meanwhile, and recovers", async () => {
  const { emulator, configsDir } = await createLibraryScene();
  const agent = startProgram([process.execPath, AGENT], {
    env: { PLATFORM_URL: emulator.url, WORKSPACE_ID: ATLAS, CONFIGS_DIR: configsDir },
  });
  await agent.printed(/ready/);
  const states = () => heartbeatsOf(emulator).map(({ body }) => Object(body).runtime_state);
  await expect.poll(() => states().length, soon).toBeGreaterThan(0);
  agent.child.stdin?.write("13000");
  await expect.poll(states, soon).toContain("wedged");
  const wedged = heartbeatsOf(emulator).find(({ body }) => Object(body).runtime_state === "wedged");
  expect(wedged).toMatchObject({
    status: 200,
    body: { sample_error: expect.stringMatching(/^the agent's event loop has been blocked for \d+ s$/) },
  });
  expect(agent.output()).not.toContain("turning again");
  expect(emulator.workspaces()).toMatchObject([{ status: "degraded" }]);
  await agent.printed(/EVENT_LOOP_BLOCKED/);
  await expect.poll(() => states().at(-1), soon).toBe("");
  await expect.poll(() => emulator.workspaces()[0]?.status, soon).toBe("online");
  agent.child.stdin?.end();
  await agent.printed(/stopped/);
  expect(await agent.ended).toBe(0);
}, 90_000);

it("keeps its files in a relative CONFIGS_DIR although the program changes its working directory", async () => {
  const { emulator, configsDir, file } = await createLibraryScene();
  const agent = startProgram([process.execPath, AGENT], {
    env: {
      PLATFORM_URL: emulator.url,
      WORKSPACE_ID: ATLAS,
      CONFIGS_DIR: relative(process.cwd(), configsDir),
    },
  });
  await agent.printed(/ready/);
  expect(existsSync(file)).toBe(true);
  agent.child.stdin?.end();
  expect(await agent.ended).toBe(0);
}, 90_000);
