import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { carries, startPlatform, temporaryDirectory } from "./fleet-scene.ts";
import { AGENT_7 } from "./ids.ts";
import { heartbeat } from "./processes.ts";

const ID = AGENT_7;

/** Runs until a heartbeat is accepted. */
async function run(configsDir: string, platformUrl: string): Promise<void> {
  const env = { PLATFORM_URL: platformUrl, WORKSPACE_ID: ID, CONFIGS_DIR: configsDir };
  const runner = heartbeat(["run", "--log-level", "debug"], env);
  await runner.printed(/"code":"HEARTBEAT"/);
  runner.child.kill("SIGTERM");
  expect(await runner.ended).toBe(0);
}

it("a single workspace keeps a token for each platform in one directory, and sends each only its own", async () => {
  const [a, b] = [await startPlatform(), await startPlatform()];
  const configsDir = await temporaryDirectory();
  const tokens: string[] = [];
  for (const { url } of [a, b, a, b]) {
    await run(configsDir, url);
    tokens.push(await readFile(join(configsDir, ".auth_token"), "utf8"));
  }
  const [tokenOfA = "", tokenOfB = ""] = tokens;
  expect(tokens).toEqual([tokenOfA, tokenOfB, tokenOfA, tokenOfB]);
  expect(tokenOfA).not.toBe(tokenOfB);
  for (const [emulator, other] of [
    [a, tokenOfB],
    [b, tokenOfA],
  ] as const) {
    expect(emulator.requests.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
    expect(emulator.requests.some((request) => carries(request, other))).toBe(false);
    expect(emulator.workspaces()).toMatchObject([{ liveTokens: 1 }]);
  }
}, 60_000);

it("the same platform in another spelling finds its token, without a 401", async () => {
  const emulator = await startPlatform();
  const configsDir = await temporaryDirectory();
  const url = emulator.url.replace("127.0.0.1", "localhost");
  for (const spelt of [url, `${url}/`, url.replace("http://localhost", "HTTP://LocalHost")]) {
    await run(configsDir, spelt);
  }
  expect(emulator.workspaces()).toMatchObject([{ id: ID, liveTokens: 1, registers: 3 }]);
  expect(emulator.requests.every(({ status }) => status !== 401)).toBe(true);
}, 60_000);
