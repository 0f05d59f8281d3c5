const { createAuth, createAuthFetch, isAuthError, memoryTokenStorage } = require("@x/auth-core");
const { commandTokenSource, createNodeAuth } = require("@x/auth-node");
const { createPlatformClient } = require("@x/platform-client");

test("a program under test reads its token from memory and signs its requests", async () => {
  const auth = createAuth({
    storage: memoryTokenStorage("token-of-the-test"),
    platformUrl: "https://platform.example",
  });
  const sent = [];
  const send = async (url, { headers }) => {
    sent.push([url, headers.get("Authorization")]);
    return new Response("{}");
  };
  await createAuthFetch(auth, { fetch: send })("/workspaces");
  expect(sent).toEqual([["https://platform.example/workspaces", "Bearer token-of-the-test"]]);
});

test("an error from the ESM copy is recognised", async () => {
  const auth = createNodeAuth({ configsDir: "/nowhere", env: {} });
  const error = await auth.saveToken("").catch((thrown) => thrown);
  expect(isAuthError(error)).toBe(true);
  expect(error.code).toBe("TOKEN_INVALID");
});

test("a command is run", async () => {
  expect(await commandTokenSource(process.execPath, ["-p", "'some-token'"]).read()).toBe("some-token");
});

test.each(["@x/auth-browser", "@x/auth-postgres", "@x/auth-testing"])("%s can be required", (name) => {
  expect(Object.keys(require(name)).length).toBeGreaterThan(0);
});

test("the platform's client can be required", () => {
  expect(typeof createPlatformClient).toBe("function");
});

test("a test starts its own platform, with a workspace for the agent under test", async () => {
  const { startEmulator } = require("@x/emulator");
  const { startWorkspace } = require("@x/heartbeat");
  const { mkdtempSync, rmSync } = require("node:fs");
  const { tmpdir } = require("node:os");
  const { join } = require("node:path");
  const configsDir = mkdtempSync(join(tmpdir(), "jest-"));
  const emulator = await startEmulator();
  const workspaceId = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const workspace = startWorkspace({ platformUrl: emulator.url, workspaceId, configsDir, env: {} });
  await workspace.ready;
  expect(emulator.workspaces()).toMatchObject([{ id: workspaceId, status: "online" }]);
  await workspace.stop();
  await emulator.stop();
  rmSync(configsDir, { recursive: true });
}, 60_000);
