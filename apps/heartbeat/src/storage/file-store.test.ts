import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { describeTokenStorage } from "@x/auth-testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from "vitest";
import { HANGING_DISK, hangAt, succeeds } from "../../test/storage/disks.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { createFileStore, type FileStoreOptions } from "./file-store.ts";
import { refKey } from "./workspace-store.ts";

const LIST: FileStoreOptions = { env: {}, layout: "list", onEvent() {} };

function open(options: Partial<FileStoreOptions> = {}) {
  const store = createFileStore({ ...LIST, ...options });
  onTestFinished(async () => void (await store.close()));
  return store;
}

const ORIGIN = "http://127.0.0.1:8787";
const OTHER_ORIGIN = "https://platform.example";
const ref = (workspaceId: string, platformOrigin = ORIGIN) => ({ platformOrigin, workspaceId });
const TOKEN = "token-of-a-workspace-0123456789";

const IN_LIST = "workspaces/http_127.0.0.1_8787/a";

/** One store for all of these tests, with a workspace for each. */
const shared = { configsDir: "", store: createFileStore(LIST), workspaces: 0 };
beforeAll(() => {
  shared.configsDir = fs.mkdtempSync(join(os.tmpdir(), "heartbeat-storage-"));
  shared.store = createFileStore({ ...LIST, configsDir: shared.configsDir });
});
afterAll(async () => {
  await shared.store.close();
  fs.rmSync(shared.configsDir, { recursive: true });
});

for (const part of ["token", "inboundSecret", "spill"] as const) {
  describeTokenStorage(
    `a file store's ${part}`,
    () => {
      shared.workspaces += 1;
      const workspace = ref(`w${shared.workspaces}`);
      const storage = shared.store[part](workspace);
      return {
        storage,
        // A second store would not see this change: the guarantee holds within one store per process.
        reopen: () => shared.store[part](workspace),
        failReads() {
          fs.rmSync(storage.location);
          fs.mkdirSync(storage.location);
        },
      };
    },
    { describe, it },
  );
}

describeTokenStorage(
  "a file store's token (of a single workspace)",
  () => {
    const options: Partial<FileStoreOptions> = { configsDir: temporaryDirectory(), layout: "single" };
    const store = open(options);
    return { storage: store.token(ref("a")), reopen: () => store.token(ref("a")) };
  },
  { describe, it },
);

describe("a file store", () => {
  test("keeps workspaces and platforms apart", async () => {
    const configsDir = temporaryDirectory();
    const store = open({ configsDir });
    await store.token(ref("a")).write("token-1");
    await store.token(ref("b")).write("token-2");
    await store.token(ref("a", OTHER_ORIGIN)).write("token-3");
    await store.inboundSecret(ref("a")).write("secret-4");
    const text = (path: string) => fs.readFileSync(join(configsDir, "workspaces", path), "utf8");
    expect(text("http_127.0.0.1_8787/a/.auth_token")).toBe("token-1");
    expect(text("http_127.0.0.1_8787/b/.auth_token")).toBe("token-2");
    expect(text("https_platform.example_443/a/.auth_token")).toBe("token-3");
    expect(text("http_127.0.0.1_8787/a/.platform_inbound_secret")).toBe("secret-4");
    const modes = ["workspaces", "workspaces/http_127.0.0.1_8787", "workspaces/http_127.0.0.1_8787/a"].map(
      (path) => fs.statSync(join(configsDir, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o700]);
  });

  test("reads and writes for the platform named in a call", async () => {
    const token = open({ configsDir: temporaryDirectory() }).token(ref("a"));
    await token.write("token-1");
    await token.write("token-2", { platformOrigin: OTHER_ORIGIN });
    await expect(token.read()).resolves.toBe("token-1");
    await expect(token.read({ platformOrigin: ORIGIN })).resolves.toBe("token-1");
    await expect(token.read({ platformOrigin: OTHER_ORIGIN })).resolves.toBe("token-2");
    await expect(token.read({ platformOrigin: "http://127.0.0.1:1" })).resolves.toBeNull();
  });

  test("shares the file of a single workspace, but gives no platform another platform's token", async () => {
    const configsDir = temporaryDirectory();
    const store = open({ configsDir, layout: "single" });
    await store.token(ref("a")).write("token-1");
    expect(fs.readFileSync(join(configsDir, ".auth_token"), "utf8")).toBe("token-1");
    await expect(store.token(ref("a")).read()).resolves.toBe("token-1");
    await expect(store.token(ref("a", OTHER_ORIGIN)).read()).resolves.toBeNull();
    expect(store.results(ref("a")).location).toBe(join(configsDir, "delegation_results.jsonl"));
  });

  test("nor another platform's cursor and pending answers", async () => {
    const store = open({ configsDir: temporaryDirectory(), layout: "single" });
    const answer = {
      row: "r",
      to: null,
      messageId: "m",
      inReplyTo: "q",
      text: "for the first platform only",
    };
    await store.inbox(ref("a")).append([{ cursor: "a-1" }, { answer }]);
    await expect(store.inbox(ref("a", OTHER_ORIGIN)).load()).resolves.toMatchObject({
      cursor: null,
      answers: [],
    });
    await store.inbox(ref("a", OTHER_ORIGIN)).append([{ cursor: "b-1" }]);
    await expect(store.inbox(ref("a")).load()).resolves.toMatchObject({ cursor: "a-1", answers: [answer] });
  });

  test("resolves the configs dir from the environment at each call", async () => {
    const env: Record<string, string> = { CONFIGS_DIR: temporaryDirectory(), HOME: temporaryDirectory() };
    const store = open({ env });
    const token = store.token(ref("a"));
    await token.write(TOKEN);
    env.CONFIGS_DIR = temporaryDirectory();
    await expect(token.read()).resolves.toBeNull();
    expect(token.location).toBe(join(env.CONFIGS_DIR, IN_LIST, ".auth_token"));
    env.CONFIGS_DIR = " ";
    expect(token.location).toBe(`${IN_LIST}/.auth_token in the configs directory`);
    await expect(token.read()).resolves.toBeNull();
    await expect
      .poll(() => token.location)
      .toMatch(/^\/.*workspaces\/http_127\.0\.0\.1_8787\/a\/\.auth_token$/);
    env.HOME = "";
    await expect(token.write(TOKEN)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
  });

  test.each([
    ["an id that leaves the directory", ref("../b")],
    ["an id with white space", ref(" a")],
    ["an id in capitals", ref("A")],
    ["a platform with a path", ref("a", "http://127.0.0.1:8787/x")],
    ["a platform that is not a URL", ref("a", "..")],
  ])("rejects a ref that could name another directory: %s", (_what, wrong) => {
    const store = open({ configsDir: temporaryDirectory() });
    for (const part of [store.token, store.inboundSecret, store.results, store.spill]) {
      expect(() => part(wrong)).toThrow(/must|white space/);
    }
  });

  test("rejects with the code, the path and the system's error", async () => {
    const configsDir = temporaryDirectory();
    fs.writeFileSync(join(configsDir, "workspaces"), "");
    const token = open({ configsDir }).token(ref("a"));
    await expect(token.write(TOKEN)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining(join(configsDir, "workspaces")),
      cause: expect.objectContaining({ code: "ENOTDIR" }),
    });
    const elsewhere = open({ configsDir: temporaryDirectory() }).token(ref("a"));
    await expect(elsewhere.write("two\nlines")).rejects.toMatchObject({ code: "TOKEN_INVALID" });
  });

  test("emits file events with their workspace, even if the listener throws", async () => {
    const configsDir = temporaryDirectory();
    const events: unknown[] = [];
    const store = open({
      configsDir,
      onEvent(of, event) {
        events.push([of, event.type]);
        throw new Error("The listener's own");
      },
    });
    await store.token(ref("a")).write(TOKEN);
    fs.chmodSync(join(configsDir, IN_LIST, ".auth_token"), 0o644);
    await expect(store.token(ref("a")).read()).resolves.toBe(TOKEN);
    expect(events).toEqual([[ref("a"), "token-file-permissions-fixed"]]);
  });

  test("ignores directories and audiences on a polluted prototype", async () => {
    const configsDir = temporaryDirectory();
    const token = open({ configsDir }).token(ref("a"));
    await token.write(TOKEN);
    const polluted = {
      platformOrigin: OTHER_ORIGIN,
      configsDir: "/nowhere",
      CONFIGS_DIR: "/nowhere",
      layout: "single",
    };
    const clean = () => {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    };
    onTestFinished(clean);
    Object.assign(Object.prototype, polluted);
    const [found, location] = [await token.read({}), token.location];
    clean();
    expect([found, location]).toEqual([TOKEN, join(configsDir, IN_LIST, ".auth_token")]);
  });
});

describe("a workspace's files in the first layout", () => {
  test("are taken over once, by the platform that the workspace is registered with", async () => {
    const configsDir = temporaryDirectory();
    const former = join(configsDir, "workspaces", "a");
    fs.mkdirSync(former, { recursive: true, mode: 0o700 });
    fs.writeFileSync(join(former, ".auth_token"), TOKEN, { mode: 0o600 });
    fs.writeFileSync(join(former, ".platform_inbound_secret"), "secret", { mode: 0o600 });
    fs.writeFileSync(join(former, "delegation_results.jsonl"), '{"id":"1"}\n');
    const events: unknown[] = [];
    const store = open({ configsDir, onEvent: (of, { type }) => events.push([of, type]) });
    await expect(store.results(ref("a")).load()).resolves.toHaveProperty("delivered", ["1"]);
    await expect(store.token(ref("a")).read()).resolves.toBe(TOKEN);
    await expect(store.inboundSecret(ref("a")).read()).resolves.toBe("secret");
    await expect(store.token(ref("a", OTHER_ORIGIN)).read()).resolves.toBeNull();
    await expect(store.results(ref("a", OTHER_ORIGIN)).load()).resolves.toHaveProperty("delivered", []);
    expect(events).toEqual([[ref("a"), "token-file-migrated"]]);
    expect(fs.readdirSync(join(configsDir, "workspaces"))).toEqual(["http_127.0.0.1_8787"]);
  });
});

describe("the spilled tokens of a file store", () => {
  test("are listed, and leave nothing behind when removed", async () => {
    const configsDir = temporaryDirectory();
    const store = open({ configsDir });
    await expect(store.spilled()).resolves.toEqual(new Set());
    const refs = [ref("a"), ref("b"), ref("a", "https://[::1]:444"), ref("a", "http://my_host")];
    for (const one of refs) await store.spill(one).write(TOKEN);
    fs.mkdirSync(join(configsDir, "unsaved", "something", "else"), { recursive: true });
    fs.writeFileSync(join(configsDir, "unsaved", "something", "else", ".auth_token"), "x");
    await expect(open({ configsDir }).spilled()).resolves.toEqual(new Set(refs.map(refKey)));

    for (const one of refs) await store.spill(one).remove?.();
    await expect(store.spilled()).resolves.toEqual(new Set());
    expect(fs.readdirSync(join(configsDir, "unsaved", "http_127.0.0.1_8787"))).toEqual([]);
  });

  test("are listed up to a limit", async () => {
    const configsDir = temporaryDirectory();
    const store = open({ configsDir, limits: { spilled: 3 } });
    for (const id of ["a", "b", "c", "d", "e"]) await store.spill(ref(id)).write(TOKEN);
    await expect(store.spilled()).resolves.toHaveProperty("size", 3);
  });
});

describe("a disk that hangs", () => {
  const limits = { answerMs: 1_500, slowMs: 100 };
  const start = (more: object = {}) => {
    const configsDir = temporaryDirectory();
    const store = open({ configsDir, entry: HANGING_DISK, limits: { ...limits, ...more } });
    const hang = (id: string, pipe = "hangs") =>
      hangAt(join(configsDir, "workspaces", "http_127.0.0.1_8787", id, pipe));
    return { configsDir, store, hang };
  };
  test("fails its calls, naming the directory, and works again once it answers", async () => {
    const { configsDir, store, hang } = start();
    const hung = hang("a");
    const directory = join(configsDir, IN_LIST);
    const saving = store.token(ref("a")).write(TOKEN);
    const reading = expect(store.inboundSecret(ref("a")).read()).rejects.toThrow(
      /has not answered for 1\.5 s/,
    );
    await expect(saving).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: `The token cannot be stored in ${directory}/.auth_token: the disk under ${directory} has not answered for 1.5 s.`,
    });
    await reading;
    await expect(store.results(ref("a")).load()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    await store.spill(ref("a")).write(TOKEN);

    hung.end();
    const again = async () => {
      try {
        return await store.token(ref("a")).read();
      } catch {
        return "still hangs";
      }
    };
    await expect.poll(again).toBeNull();
    await store.token(ref("a")).write("newer");
    await expect(again()).resolves.toBe("newer");
  });

  test("that completes a save late does not replace a newer token", async () => {
    const { store, hang } = start();
    await store.token(ref("a")).write("old");
    const hung = hang("a", "hangs-in-rename");
    await expect(store.token(ref("a")).write("given-up")).rejects.toThrow(/has not answered/);
    hung.end();
    await expect.poll(() => succeeds(() => store.token(ref("a")).write("newest"))).toBe(true);
    await expect(store.token(ref("a")).read()).resolves.toBe("newest");
  });

  test("is reported when the store is closed", async () => {
    const { store, hang } = start({ answerMs: 60_000 });
    hang("a");
    const saving = expect(store.token(ref("a")).write(TOKEN)).rejects.toThrow(/the store is closed/);
    await expect(store.close()).resolves.toEqual({ hung: true });
    await saving;
    await expect(store.token(ref("b")).read()).rejects.toThrow(/the store is closed/);
  });
});
