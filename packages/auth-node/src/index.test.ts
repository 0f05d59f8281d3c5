import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runModule } from "../test/child.ts";
import { temporaryDirectory } from "../test/token-directory.ts";

test("importing it adds no listener, no signal handler, nothing global, and starts nothing", () => {
  const script = `
    const state = () => ({
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      globals: Reflect.ownKeys(globalThis).map(String),
      // Without handles of the module loader.
      active: process.getActiveResourcesInfo().filter((name) => !/^(CloseReq|FSReqPromise)$/.test(name)),
    });
    const before = state();
    const { createNodeAuth } = await import("@x/auth-node");
    const imported = state();
    const auth = createNodeAuth({ configsDir: process.env.DIRECTORY });
    await auth.saveToken("some-token");
    answer({ before, imported, used: state() });`;
  const { before, imported, used } = runModule(script, {
    env: { DIRECTORY: temporaryDirectory() },
  }) as Record<string, { listeners: unknown; globals: unknown; active: unknown }>;
  expect(imported).toEqual(before);
  expect(used?.listeners).toEqual(before?.listeners);
  // Shared by all copies of the package, to coordinate writes to one path.
  expect(used?.globals).toEqual([...((before?.globals ?? []) as string[]), "Symbol(@x/auth-node/paths)"]);
});

test("a token whose directory has no list of platforms is read without loading OpenSSL", () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/.auth_token`, "some-token", { mode: 0o600 });
  const script = `
    const { createNodeAuth } = await import("@x/auth-node");
    const auth = createNodeAuth({ configsDir: process.env.DIRECTORY, platformUrl: "https://platform.example" });
    const token = await auth.getToken();
    answer({ token, openSsl: process.moduleLoadList.includes("NativeModule crypto") });`;
  const answer = runModule(script, { env: { DIRECTORY: directory } });
  expect(answer).toEqual({ token: "some-token", openSsl: false });
});

describe("the documents", () => {
  const ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const exampleOf = (path: string) => {
    const page = readFileSync(new URL(path, import.meta.url), "utf8");
    const examples = Array.from(page.matchAll(/```[jt]s\n([\s\S]*?)```/g), ({ 1: code = "" }) => code);
    expect(examples).toHaveLength(1);
    return examples[0];
  };

  test("the README's first example runs", () => {
    const home = temporaryDirectory();
    const script = `
      const said = [];
      console.log = (...words) => said.push(words);
      globalThis.fetch = async (url, { headers }) => {
        said.push([url, headers.get("Authorization")]);
        return new Response("{}");
      };
      ${exampleOf("../README.md")}
      answer(said);`;
    // Without it, the example would use /configs on a machine that has one.
    const env = { CONFIGS_DIR: `${home}/configs`, PLATFORM_URL: "https://platform.example" };
    expect(runModule(script, { env })).toEqual([
      [`https://platform.example/workspaces/${ID}/state`, "Bearer the-token-that-the-platform-issued"],
      [200],
    ]);
    const file = `${home}/configs/.auth_token`;
    expect(readFileSync(file, "utf8")).toBe("the-token-that-the-platform-issued");
  });

  test("the example with several workspaces runs", () => {
    const root = temporaryDirectory();
    mkdirSync(`${root}/workspaces/${ID}`, { recursive: true });
    writeFileSync(`${root}/workspaces/${ID}/.auth_token`, "the-token-of-agent-7", { mode: 0o600 });
    const script = `${exampleOf("../../../docs/token-file.md")}
      answer([await storage.read(), storage.location]);`;
    expect(runModule(script, { env: { CONFIGS_DIR: root } })).toEqual([
      "the-token-of-agent-7",
      `${root}/workspaces/https_platform.example_443/${ID}/.auth_token`,
    ]);
  });
});
