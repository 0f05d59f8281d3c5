import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runModule } from "../test/child.ts";
import { temporaryDirectory } from "../test/place.ts";
import * as published from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(published).sort()).toEqual([
    "createNodeAuth",
    "fileTokenStorage",
    "inspectTokenFile",
    "resolveConfigsDir",
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

test("the README's first example runs", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? expect.unreachable("no example");
  const home = temporaryDirectory();
  const script = `
    const said = [];
    console.log = (...words) => said.push(words);
    ${example}
    answer(said);`;
  const env = { HOME: home, PLATFORM_URL: "https://platform.example" };
  expect(runModule(script, { env })).toEqual([
    [{ Origin: "https://platform.example", Authorization: "Bearer the-token-that-the-platform-issued" }],
  ]);
  expect(readFileSync(`${home}/.molecule-workspace/.auth_token`, "utf8")).toBe(
    "the-token-that-the-platform-issued",
  );
});
