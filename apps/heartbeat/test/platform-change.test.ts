import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { AGENT_7, ATLAS } from "./ids.ts";
import { heartbeat } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { carries, startPlatform } from "./support/platform.ts";

/** Runs until a heartbeat is accepted. */
async function run(configsDir: string, platformUrl: string, id = AGENT_7, more = {}): Promise<void> {
  const env = { PLATFORM_URL: platformUrl, WORKSPACE_ID: id, CONFIGS_DIR: configsDir, ...more };
  const runner = heartbeat(["run", "--log-level", "debug"], env);
  await runner.printed(/"code":"HEARTBEAT"/);
  expect(await runner.stop()).toBe(0);
}

it("a single workspace keeps a token for each platform in one directory, and sends each only its own", async () => {
  const [a, b] = [await startPlatform(), await startPlatform()];
  const configsDir = temporaryDirectory();
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
});

it("another WORKSPACE_ID over the same directory is another workspace, which does not send the first one's token", async () => {
  const platform = await startPlatform();
  const configsDir = temporaryDirectory();
  const tokens: string[] = [];
  for (const id of [AGENT_7, ATLAS, AGENT_7, ATLAS]) {
    await run(configsDir, platform.url, id);
    tokens.push(await readFile(join(configsDir, ".auth_token"), "utf8"));
  }
  const [first = "", second = ""] = tokens;
  expect(tokens).toEqual([first, second, first, second]);
  expect(first).not.toBe(second);
  expect(platform.requests.filter(({ status }) => status === 401)).toEqual([]);
  const sentBy = (id: string) => platform.requests.filter(({ workspaceId }) => workspaceId === id);
  expect(sentBy(AGENT_7).some((request) => carries(request, second))).toBe(false);
  expect(sentBy(ATLAS).some((request) => carries(request, first))).toBe(false);
  expect(sentBy(ATLAS).some((request) => carries(request, second))).toBe(true);
  expect(platform.workspaces()).toMatchObject([{ liveTokens: 1 }, { liveTokens: 1 }]);
});

it("a runner that MOLECULE_WORKSPACE_TOKEN_FILE points to another workspace's token does not send it", async () => {
  const platform = await startPlatform();
  const configsDir = temporaryDirectory();
  const file = join(configsDir, ".auth_token");
  await run(configsDir, platform.url, AGENT_7);
  const token = await readFile(file, "utf8");
  const { length } = platform.requests;
  // As the runner passes it to its command.
  await run(configsDir, platform.url, ATLAS, { MOLECULE_WORKSPACE_TOKEN_FILE: file });
  expect(platform.requests.slice(length).some((request) => carries(request, token))).toBe(false);
  expect(platform.workspaces()).toMatchObject([{ liveTokens: 1 }, { liveTokens: 1 }]);
});
