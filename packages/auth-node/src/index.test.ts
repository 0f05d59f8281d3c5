import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runModule } from "../test/child.ts";
import { temporaryDirectory } from "../test/place.ts";
import * as published from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(published).sort()).toEqual([
    "adoptFirstLayout",
    "audienceDirName",
    "createAuthFetch",
    "createNodeAuth",
    "fileTokenStorage",
    "inspectTokenFile",
    "isAuthError",
    "poolFileSystem",
    "resolveConfigsDir",
    "syncFileSystem",
    "withAuth",
  ]);
});

test("importing it adds no listener, no signal handler, nothing global, and starts nothing", () => {
  const script = `
    const state = () => ({
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      globals: Reflect.ownKeys(globalThis).map(String),
      // Less what is left of the module loader reading files.
      active: process.getActiveResourcesInfo().filter((name) => !/^(CloseReq|FSReqPromise)$/.test(name)),
    });
    const before = state();
    const { createNodeAuth } = await import("@x/auth-node");
    const imported = state();
    const auth = createNodeAuth({ configsDir: process.env.PLACE });
    await auth.saveToken("some-token");
    answer({ before, imported, used: state() });`;
  const { before, imported, used } = runModule(script, { env: { PLACE: temporaryDirectory() } }) as Record<
    string,
    { listeners: unknown; globals: unknown; active: unknown }
  >;
  expect(imported).toEqual(before);
  expect(used?.listeners).toEqual(before?.listeners);
  expect(used?.globals).toEqual(before?.globals);
});

describe("the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const examples = Array.from(readme.matchAll(/```js\n([\s\S]*?)```/g), ({ 1: code = "" }) => code);

  test("has two examples", () => expect(examples).toHaveLength(2));

  test("the README's first example runs", () => {
    const home = temporaryDirectory();
    const script = `
      const said = [];
      console.log = (...words) => said.push(words);
      ${examples[0]}
      answer(said);`;
    // Without it the example would use /configs on a machine that has one.
    const env = { CONFIGS_DIR: `${home}/configs`, PLATFORM_URL: "https://platform.example" };
    expect(runModule(script, { env })).toEqual([
      [{ Origin: "https://platform.example", Authorization: "Bearer the-token-that-the-platform-issued" }],
    ]);
    const file = `${home}/configs/.auth_token`;
    expect(readFileSync(file, "utf8")).toBe("the-token-that-the-platform-issued");
  });

  test("its example of a list runs", () => {
    const root = temporaryDirectory();
    mkdirSync(`${root}/workspaces/agent-7`, { recursive: true });
    writeFileSync(`${root}/workspaces/agent-7/.auth_token`, "the-token-of-agent-7", { mode: 0o600 });
    const script = `${examples[1]}
      answer([await storage.read(), storage.location]);`;
    expect(runModule(script, { env: { CONFIGS_DIR: root } })).toEqual([
      "the-token-of-agent-7",
      `${root}/workspaces/https_platform.example_443/agent-7/.auth_token`,
    ]);
  });
});
