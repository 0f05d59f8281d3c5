import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { canOverlay, overlay, RUN, runModule, runMounted } from "../test/child.ts";
import { fails } from "../test/faults.ts";
import { withFaults } from "../test/io.ts";
import { fsError, temporaryDirectory } from "../test/token-directory.ts";
import { findConfigsDir, resolveConfigsDir } from "./configs-dir.ts";
import { fileTokenStorage } from "./file/file-token-storage.ts";

afterEach(() => vi.restoreAllMocks());

const NO_CONTAINER = "/nonexistent/configs";

test("CONFIGS_DIR comes first, whether or not it exists", () => {
  const container = temporaryDirectory();
  const env = { CONFIGS_DIR: "/srv/not/there", HOME: "/home/user" };
  expect(findConfigsDir(env, container)).toEqual({ path: "/srv/not/there", source: "env" });
  expect(resolveConfigsDir({ env })).toEqual({ path: "/srv/not/there", source: "env" });
  expect(fs.existsSync("/srv/not/there")).toBe(false);
});

test("CONFIGS_DIR is trimmed and made absolute, and a blank one counts as unset", () => {
  const of = (CONFIGS_DIR: string) => findConfigsDir({ CONFIGS_DIR, HOME: "/home/user" }, NO_CONTAINER);
  expect(of("")).toEqual({ path: "/home/user/.molecule-workspace", source: "home" });
  expect(of(" \t")).toEqual({ path: "/home/user/.molecule-workspace", source: "home" });
  expect(of(" /srv/agent\n")).toEqual({ path: "/srv/agent", source: "env" });
  expect(of("agent/configs")).toEqual({ path: join(process.cwd(), "agent/configs"), source: "env" });
});

test("the container's directory is used if it is a writable directory", () => {
  const container = temporaryDirectory();
  const env = { HOME: "/home/user" };
  expect(findConfigsDir(env, container)).toEqual({ path: container, source: "container" });
  expect(findConfigsDir(env, NO_CONTAINER).source).toBe("home");
  const file = join(container, "file");
  fs.writeFileSync(file, "");
  expect(findConfigsDir(env, file).source).toBe("home");
  vi.spyOn(fs, "accessSync").mockImplementation(() => {
    throw fsError("EACCES");
  });
  expect(findConfigsDir(env, container).source).toBe("home");
});

const overlaid = canOverlay ? "" : " (unchecked: cannot mount a root file system here)";
test(`the container's directory is /configs, for a user who may write to it${overlaid}`, () => {
  if (!canOverlay) return;
  const script = `
    import { resolveConfigsDir } from "@x/auth-node";
    const env = { HOME: "/home/user" };
    const asRoot = resolveConfigsDir({ env });
    process.setuid(65534);
    answer([asRoot, resolveConfigsDir({ env })]);`;
  expect(runMounted(overlay(`cd "$PWD"; ${RUN}`), script)).toEqual([
    { path: "/configs", source: "container" },
    { path: "/home/user/.molecule-workspace", source: "home" },
  ]);
});

test("without HOME, the home directory comes from the system", () => {
  const homedir = vi.spyOn(os, "homedir").mockReturnValue("/home/from-the-system");
  const expected = { path: "/home/from-the-system/.molecule-workspace", source: "home" };
  expect(findConfigsDir({}, NO_CONTAINER)).toEqual(expected);
  expect(homedir).toHaveBeenCalledTimes(1);
});

test("a leading ~ is the home directory, in CONFIGS_DIR and in the option", async () => {
  const home = temporaryDirectory();
  const of = (CONFIGS_DIR: string) => findConfigsDir({ CONFIGS_DIR, HOME: home }, NO_CONTAINER).path;
  expect(of("~")).toBe(home);
  expect(of("~/agent")).toBe(join(home, "agent"));
  expect(of(" ~/a/../b ")).toBe(join(home, "b"));
  expect(of("a/~")).toBe(join(process.cwd(), "a/~"));
  const storage = fileTokenStorage({ configsDir: "~/agent", env: { HOME: home } });
  await storage.write("some-token");
  expect(fs.readFileSync(join(home, "agent", ".auth_token"), "utf8")).toBe("some-token");
  expect(storage.location).toBe(join(home, "agent", ".auth_token"));
  expect(fs.existsSync("~")).toBe(false);
});

test.each(["/srv/$RECYCLE.BIN/a", "/srv/a$", "/srv/${", "/srv/$()"])("a path may contain a $: %s", (path) => {
  expect(findConfigsDir({ CONFIGS_DIR: path, HOME: "/root" }, NO_CONTAINER).path).toBe(path);
});

test.each([
  ["an empty HOME", { HOME: "" }, "HOME is empty"],
  ["a blank HOME", { HOME: " " }, "HOME is empty"],
  ["a relative HOME", { HOME: "home/user" }, "HOME (home/user) is not an absolute path"],
  ["an empty HOME for ~", { CONFIGS_DIR: "~/agent", HOME: "" }, "HOME is empty"],
  [
    "an unexpanded environment variable",
    { CONFIGS_DIR: "$HOME/agent", HOME: "/root" },
    "unexpanded variable",
  ],
  ["an unexpanded systemd specifier", { CONFIGS_DIR: "%h/agent", HOME: "/root" }, "unexpanded variable"],
  [
    "a variable that Kubernetes did not know",
    { CONFIGS_DIR: "/data/$(POD_NAME)/x", HOME: "/root" },
    "unexpanded variable",
  ],
  [
    "a variable within a unit file's path",
    { CONFIGS_DIR: `/data/\${AGENT}`, HOME: "/root" },
    "unexpanded variable",
  ],
  ["a path in quotes", { CONFIGS_DIR: '"/srv/agent"', HOME: "/root" }, "quotes"],
  [
    "a URL",
    { CONFIGS_DIR: "file:///srv/agent", HOME: "/root" },
    "(file:///srv/agent) is a URL. Use the plain path",
  ],
  ["another user's home directory", { CONFIGS_DIR: "~root/agent", HOME: "/root" }, "another user"],
])("%s is rejected, with what to set", async (_what, env, why) => {
  const message = expect.stringContaining(why);
  expect(() => findConfigsDir(env, NO_CONTAINER)).toThrow(
    expect.objectContaining({ code: "STORAGE_READ_FAILED", message }),
  );
  const io = withFaults({ access: fails("ENOENT", "access") });
  const storage = fileTokenStorage({ env, io });
  await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
  await expect(storage.write("some-token")).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
});

test("an unset environment variable is not read from a polluted prototype", () => {
  const home = temporaryDirectory();
  const polluted = {
    CONFIGS_DIR: "/tmp/evil",
    HOME: "/tmp/evil",
    env: { CONFIGS_DIR: "/tmp/evil" },
    configsDir: "/tmp/evil",
  };
  for (const [name, value] of Object.entries(polluted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true });
  }
  try {
    expect(findConfigsDir({ HOME: home }, NO_CONTAINER).path).toBe(join(home, ".molecule-workspace"));
    expect(findConfigsDir({}, NO_CONTAINER).path).not.toContain("evil");
    expect(resolveConfigsDir({}).path).not.toContain("evil");
    expect(fileTokenStorage({}).location).not.toContain("evil");
    expect(fileTokenStorage().location).not.toContain("evil");
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test("it is determined again on each access", () => {
  const container = join(temporaryDirectory(), "configs");
  const env: Record<string, string> = { HOME: "/home/user" };
  const source = () => findConfigsDir(env, container).source;
  expect(source()).toBe("home");
  fs.mkdirSync(container);
  expect(source()).toBe("container");
  env.CONFIGS_DIR = "/srv/agent";
  expect(source()).toBe("env");
  const storage = fileTokenStorage({ env });
  expect(storage.location).toBe("/srv/agent/.auth_token");
  env.CONFIGS_DIR = "/srv/another";
  expect(storage.location).toBe("/srv/another/.auth_token");
});

test("process.env is read live", () => {
  const storage = fileTokenStorage();
  vi.stubEnv("CONFIGS_DIR", "/srv/live");
  expect(storage.location).toBe("/srv/live/.auth_token");
  expect(resolveConfigsDir().path).toBe("/srv/live");
  vi.unstubAllEnvs();
});

test("resolving creates nothing", async () => {
  const home = temporaryDirectory();
  const env = { HOME: home };
  expect(findConfigsDir(env, NO_CONTAINER).path).toBe(join(home, ".molecule-workspace"));
  expect(await fileTokenStorage({ configsDir: join(home, "configs") }).read()).toBeNull();
  expect(fs.readdirSync(home)).toEqual([]);
});

test("without a home directory, reads and writes say to set CONFIGS_DIR", async () => {
  vi.spyOn(os, "homedir").mockImplementation(() => {
    throw fsError("ENOENT", "uv_os_homedir");
  });
  vi.spyOn(fs, "accessSync").mockImplementation(() => {
    throw fsError("ENOENT");
  });
  const storage = fileTokenStorage({ env: {}, io: withFaults({ access: fails("ENOENT", "access") }) });
  const message = expect.stringContaining("Set CONFIGS_DIR");
  expect(() => resolveConfigsDir({ env: {} })).toThrow(
    expect.objectContaining({ code: "STORAGE_READ_FAILED", message }),
  );
  await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
  await expect(storage.write("some-token")).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
  expect(storage.location).toBe("(no configs directory)");
  expect(() => storage.watch(() => {})()).not.toThrow();
});

test("with a deleted working directory, a relative path is rejected, with what to do", async () => {
  vi.spyOn(process, "cwd").mockImplementation(() => {
    throw fsError("ENOENT", "uv_cwd");
  });
  const storage = fileTokenStorage({ configsDir: "relative" });
  const message = expect.stringContaining("Use an absolute path");
  await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
  await expect(storage.write("some-token")).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
  expect(() => resolveConfigsDir({ env: { CONFIGS_DIR: "relative" } })).toThrow("Use an absolute path");
});

test("a relative path stays the same directory when the program changes its working directory", () => {
  const directory = temporaryDirectory();
  const script = `
    const { createNodeAuth } = await import("@x/auth-node");
    process.chdir(process.env.DIRECTORY);
    const env = { CONFIGS_DIR: "./of-env" };
    const auths = [createNodeAuth({ env }), createNodeAuth({ configsDir: "of-option", env })];
    process.chdir("/");
    for (const auth of auths) await auth.saveToken("some-token");
    answer((await Promise.all(auths.map((auth) => auth.explain()))).map(({ sources }) => sources[2]?.location));`;
  const at = fs.realpathSync(directory);
  expect(runModule(script, { env: { DIRECTORY: directory } })).toEqual([
    `${at}/of-env/.auth_token`,
    `${at}/of-option/.auth_token`,
  ]);
  expect(fs.readFileSync(`${at}/of-option/.auth_token`, "utf8")).toBe("some-token");
});
