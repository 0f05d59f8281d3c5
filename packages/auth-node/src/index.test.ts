import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
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
