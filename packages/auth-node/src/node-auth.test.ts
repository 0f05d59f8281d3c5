import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { inspect } from "node:util";
import type { AuthEvent } from "@x/auth-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createChangeCounter } from "../test/change-counter.ts";
import { hasPython } from "../test/child.ts";
import { fails } from "../test/faults.ts";
import { withFaults } from "../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../test/token-directory.ts";
import type { FileStorageEvent } from "./file/events.ts";
import type { FileSystem } from "./file/file-system.ts";
import { fileTokenStorage } from "./file/file-token-storage.ts";
import { poolFileSystem } from "./file/pool-file-system.ts";
import { createNodeAuth } from "./node-auth.ts";
import { tokenFileSource } from "./sources/token-file-source.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function auth(env: Record<string, string> = {}, io: FileSystem = poolFileSystem) {
  const at = tokenDirectory();
  const events: (AuthEvent | FileStorageEvent)[] = [];
  const onEvent = (event: AuthEvent | FileStorageEvent) => void events.push(event);
  return { ...at, env, events, auth: createNodeAuth({ configsDir: at.dir, env, onEvent, io }) };
}

describe("the token of a Node process", () => {
  test("is saved, found by the next process, and seen by one that watches", async () => {
    const first = auth();
    await first.auth.saveToken(OLD);
    const second = createNodeAuth({ configsDir: first.dir, env: {} });
    expect(await second.getToken()).toBe(OLD);
    const changes = createChangeCounter();
    const third = createNodeAuth({ configsDir: first.dir, env: {}, onEvent: changes.changed });
    expect(await third.getToken()).toBe(OLD);
    const stop = third.watch();
    await first.auth.saveToken(NEW);
    await changes.moreThan(0);
    expect(await third.getToken()).toBe(NEW);
    stop();
  });

  test("is by default located by process.env", async () => {
    const { dir } = tokenDirectory(OLD);
    vi.stubEnv("CONFIGS_DIR", dir);
    vi.stubEnv("PLATFORM_URL", "https://platform.example");
    expect(await createNodeAuth().authHeaders()).toMatchObject({
      Origin: "https://platform.example",
      Authorization: `Bearer ${OLD}`,
    });
  });

  test("is stored and sent if the platform's URL is given as a URL", async () => {
    const { dir, text } = tokenDirectory();
    const platformUrl = new URL("https://platform.example/base") as unknown as string;
    const own = createNodeAuth({ configsDir: dir, env: {}, platformUrl });
    await own.saveToken(NEW, { sentWith: null });
    expect(text()).toBe(NEW);
    expect(await createNodeAuth({ configsDir: dir, env: {}, platformUrl }).authHeaders()).toStrictEqual({
      Origin: "https://platform.example",
      Authorization: `Bearer ${NEW}`,
    });
  });

  test("comes from the file that MOLECULE_WORKSPACE_TOKEN_FILE names, after that of the environment itself", async () => {
    const { dir, file } = tokenDirectory(OLD);
    const env = { HOME: dir, CONFIGS_DIR: `${dir}/none`, MOLECULE_WORKSPACE_TOKEN_FILE: "~/.auth_token" };
    const mounted = createNodeAuth({ env });
    expect(await mounted.getToken()).toBe(OLD);
    fs.writeFileSync(file, NEW);
    mounted.rejectToken(OLD);
    expect(await mounted.getToken()).toBe(NEW);
    const both = createNodeAuth({ env: { ...env, MOLECULE_WORKSPACE_TOKEN: OLD } });
    expect(await both.getToken()).toBe(OLD);
    const { sources } = await createNodeAuth({ env, fallback: [] }).explain();
    expect(sources.map(({ source }) => source)).not.toContain("fallback");
  });

  test("is left unchanged with tighten: false", async () => {
    const { dir, file, mode } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    const looking = createNodeAuth({ configsDir: dir, env: {}, tighten: false });
    await looking.explain();
    await looking.getToken();
    expect(mode()).toBe(0o644);
  });
});

test("options that are null, as JSON has them, count as left out", async () => {
  const { dir, file, mode } = tokenDirectory(OLD);
  fs.chmodSync(file, 0o644);
  const keys = [
    "storage",
    "root",
    "onEvent",
    "io",
    "tighten",
    "platformUrl",
    "orgId",
    "fallback",
    "sourceTimeoutMs",
  ];
  const absent = Object.fromEntries(keys.map((key) => [key, null]));
  const env = { CONFIGS_DIR: dir, PLATFORM_URL: "https://platform.example" };
  const own = createNodeAuth({ ...absent, configsDir: null, env } as object);
  expect(await own.getToken()).toBe(OLD);
  expect([own.platformOrigin(), mode()]).toEqual(["https://platform.example", 0o600]);
  const storage = fileTokenStorage({ ...absent, fileName: null, configsDir: dir } as object);
  const none = { signal: null, platformOrigin: null } as object;
  await storage.write(NEW, none);
  expect(await storage.read(none)).toBe(NEW);
  expect(await tokenFileSource(file, { io: null } as object).read(none)).toBe(NEW);
});

test("incident 30: no error, event, report or inspection holds a token, whatever goes wrong", async () => {
  let faults: Partial<FileSystem> = {};
  const io: FileSystem = {
    ...poolFileSystem,
    write: (...args) => (faults.write ?? poolFileSystem.write)(...args),
    open: (...args) => (faults.open ?? poolFileSystem.open)(...args),
    rename: (...args) => (faults.rename ?? poolFileSystem.rename)(...args),
    fchmod: (...args) => (faults.fchmod ?? poolFileSystem.fchmod)(...args),
  };
  const { auth: nodeAuth, events, file } = auth({ MOLECULE_WORKSPACE_TOKEN: OLD }, io);
  const said: unknown[] = [events, nodeAuth];
  const failed = async () => said.push(await nodeAuth.saveToken(NEW).catch((error: unknown) => error));
  const explain = async () => said.push(await nodeAuth.explain());
  const spoil = ["write", "open", "rename", "fchmod"] as const;
  for (const call of spoil) {
    for (const code of ["EIO", "ENOSPC", "EACCES", "EBUSY"]) {
      faults = { [call]: fails(code, call) };
      await failed();
      await explain();
      faults = {};
    }
  }
  for (const content of [`${OLD}\0`, `${OLD}\n${NEW}`, `${NEW}\u00ff`, Buffer.from(NEW, "utf16le")]) {
    fs.writeFileSync(file, content);
    fs.chmodSync(file, 0o644);
    await nodeAuth.refreshCache();
    await explain();
  }
  const text = inspect(said, { depth: 20, showHidden: true, maxArrayLength: null }) + JSON.stringify(said);
  expect(events.map(({ type }) => type)).toContain("save-failed");
  expect(events.map(({ type }) => type)).toContain("source-failed");
  expect(text).not.toContain(OLD);
  expect(text).not.toContain(NEW);
  expect(text).not.toContain(OLD.slice(8, 24));
});

/** As the Python runtime stores it: mode set at creation, one line without a newline; read as text and stripped. */
const PYTHON = `
import os, sys, pathlib
path = pathlib.Path(sys.argv[2]) / ".auth_token"
if sys.argv[1] == "read":
    print(path.read_text(encoding="utf-8").strip() == sys.argv[3])
else:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(sys.argv[3])
`;

const without = hasPython ? "" : " (unchecked: no python3)";
test(`tokens are exchanged with Python in both directions${without}`, async () => {
  if (!hasPython) return;
  let rename = poolFileSystem.rename;
  const { auth: nodeAuth, dir, file, mode } = auth({}, withFaults({ rename: (...args) => rename(...args) }));
  const python = (...args: string[]) => spawnSync("python3", ["-c", PYTHON, ...args], { encoding: "utf8" });
  expect(python("write", dir, OLD).status).toBe(0);
  expect(await nodeAuth.getToken()).toBe(OLD);
  await nodeAuth.saveToken(NEW);
  expect(python("read", dir, NEW).stdout).toBe("True\n");
  rename = fails("EBUSY", "rename");
  await nodeAuth.saveToken("shorter-and-in-place");
  expect(python("read", dir, "shorter-and-in-place").stdout).toBe("True\n");
  expect(python("write", dir, OLD).status).toBe(0);
  expect(await nodeAuth.refreshCache()).toBe(OLD);
  expect({ mode: mode(), size: fs.statSync(file).size }).toEqual({ mode: 0o600, size: OLD.length });
});
