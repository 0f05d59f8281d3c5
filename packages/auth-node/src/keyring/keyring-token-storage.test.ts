import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { fileKeychain } from "../../test/keychains.ts";
import { NEW, OLD, temporaryDirectory } from "../../test/token-directory.ts";
import { createNodeAuth } from "../node-auth.ts";
import { keyringTokenStorage } from "./keyring-token-storage.ts";

const platformUrl = "https://platform.example";

it("stores each platform and workspace in a separate entry", async () => {
  const { fail: _, ...keychain } = fileKeychain();
  const storage = keyringTokenStorage({ ...keychain, platformUrl });
  await storage.write(OLD);
  await keyringTokenStorage({ ...keychain, platformUrl, workspaceId: "agent-7" }).write(NEW);
  expect(await storage.read()).toBe(OLD);
  expect(await storage.read({ platformOrigin: "https://other.example" })).toBeNull();
  expect(await storage.read({ platformOrigin: "https://platform.example" })).toBe(OLD);
  expect(await storage.read({ platformOrigin: null, signal: null } as object)).toBe(OLD);
  const accounts = calls(keychain.folder).map(({ account }) => account);
  expect([...new Set(accounts)]).toEqual([
    "default@https://platform.example",
    "agent-7@https://platform.example",
    "default@https://other.example",
  ]);
});

it("keeps the token of a workspace called default apart from the single workspace's", async () => {
  const { fail: _, folder, ...keychain } = fileKeychain();
  const named = keyringTokenStorage({ ...keychain, platformUrl, workspaceId: "default" });
  const single = keyringTokenStorage({ ...keychain, platformUrl });
  await single.write(OLD);
  expect(await named.read()).toBeNull();
  await named.write(NEW);
  expect([await single.read(), await named.read()]).toEqual([OLD, NEW]);
});

it("takes the workspace from WORKSPACE_ID, as the keychain is shared by all of a user's agents", async () => {
  const { fail: _, folder, ...keychain } = fileKeychain();
  const of = (WORKSPACE_ID: string) =>
    keyringTokenStorage({ ...keychain, platformUrl, env: { ...keychain.env, WORKSPACE_ID } });
  await of("agent-7").write(OLD);
  expect([await of("agent-8").read(), await of(" ").read()]).toEqual([null, null]);
  await of("agent-8").write(NEW);
  expect(await keyringTokenStorage({ ...keychain, platformUrl, workspaceId: "agent-7" }).read()).toBe(OLD);
  expect(() => of("not an id")).toThrow(/workspace id/);
});

it("works as a storage of createNodeAuth, which finds the saved token again", async () => {
  const { fail: _, folder, ...keychain } = fileKeychain();
  const env = { PLATFORM_URL: platformUrl };
  const open = () => createNodeAuth({ env, storage: keyringTokenStorage(keychain) });
  await open().saveToken(OLD);
  expect(await open().authHeaders()).toMatchObject({ Authorization: `Bearer ${OLD}` });
  env.PLATFORM_URL = "https://other.example";
  expect(await open().getToken()).toBeNull();
});

it("uses the Secret Service on Linux, and shows no token in the process list", async () => {
  const { fail: _, folder, ...keychain } = fileKeychain();
  await keyringTokenStorage({ ...keychain, platformUrl, service: "mine" }).write(OLD);
  const [call] = calls(folder);
  expect(call).toMatchObject({ service: "mine", options: { linux: { store: "secret-service" } } });
  expect(JSON.stringify(call)).not.toContain(OLD);
});

it("leaves nothing behind after a probe", async () => {
  const { fail, folder, ...keychain } = fileKeychain();
  const storage = keyringTokenStorage({ ...keychain, platformUrl });
  await storage.write(OLD);
  await storage.probe?.();
  expect(await storage.read()).toBe(OLD);
  expect(
    existsSync(join(folder, encodeURIComponent("workspace-auth default@https://platform.example (probe)"))),
  ).toBe(false);
  fail("writes");
  await expect(storage.probe?.()).rejects.toMatchObject({
    code: "STORAGE_WRITE_FAILED",
    message: expect.stringContaining("the keychain is locked"),
  });
});

it("rejects without a platform, with what to do", async () => {
  const storage = keyringTokenStorage(fileKeychain());
  await expect(storage.read()).rejects.toMatchObject({
    code: "PLATFORM_UNKNOWN",
    message: expect.stringContaining("set PLATFORM_URL"),
  });
});

it.each([0, -1, Number.NaN])(
  "rejects a timeoutMs of %s, with which each call was killed at once",
  (timeoutMs) => {
    expect(() => keyringTokenStorage({ ...fileKeychain(), platformUrl, timeoutMs })).toThrow(
      new TypeError("timeoutMs must be more than 0."),
    );
  },
);

it("says how to install the package if it is missing", async () => {
  const storage = keyringTokenStorage({ module: "@x/no-such-keyring", platformUrl });
  await expect(storage.read()).rejects.toMatchObject({
    code: "STORAGE_READ_FAILED",
    message: expect.stringContaining("is not installed; npm install @x/no-such-keyring"),
  });
});

it("reports a missing keychain, and its error contains no token", async () => {
  const nowhere = {
    PATH: process.env.PATH,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${temporaryDirectory()}/none`,
  };
  const storage = keyringTokenStorage({ env: nowhere, platformUrl });
  const error = await Promise.resolve(storage.write(OLD)).catch((thrown) => thrown);
  expect(error).toMatchObject({
    code: "STORAGE_WRITE_FAILED",
    message: expect.stringContaining("the OS keychain"),
  });
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(OLD);
});

it("blocks nothing else when the keychain hangs, and ends at its timeout or signal", async () => {
  const socket = join(temporaryDirectory(), "bus");
  const silent = createServer(() => {}).listen(socket);
  onTestFinished(() => void silent.close());
  const env = { PATH: process.env.PATH, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const storage = keyringTokenStorage({ env, platformUrl, timeoutMs: 700 });
  const failing = expect(storage.read()).rejects.toMatchObject({
    code: "STORAGE_READ_FAILED",
    message: expect.stringContaining("within 700 ms"),
  });
  const waiting = expect(storage.read({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
  await sleep(1);
  await waiting;
  await failing;
  const enough = new Error("enough");
  const control = new AbortController();
  setTimeout(() => control.abort(enough), 300);
  await expect(storage.write(OLD, { signal: control.signal })).rejects.toBe(enough);
});

interface Call {
  readonly service: string;
  readonly account: string;
  readonly options: unknown;
  readonly argv: readonly string[];
  readonly env: object;
}

/** The keychain module's recorded constructor calls. */
const calls = (folder: string): Call[] =>
  readFileSync(join(folder, "calls"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
