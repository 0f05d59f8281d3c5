import fs from "node:fs";
import { join } from "node:path";
import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isRoot, NOBODY, runModule } from "../test/child.ts";
import { fsError, NEW, OLD, place } from "../test/place.ts";
import { writeTokenFile } from "./write-token-file.ts";

afterEach(() => vi.restoreAllMocks());

type Callback = (error: Error | null) => void;

describe("a token is stored", () => {
  test("as the whole content of the file, without a newline, for us alone", async () => {
    const { dir, file, names, text, mode } = place();
    expect(await writeTokenFile(file, NEW)).toEqual({ directory: dir, inPlace: null });
    expect(text()).toBe(NEW);
    expect(mode()).toBe(0o600);
    expect(names()).toEqual([".auth_token"]);
  });

  test("over a shorter one and over a longer one", async () => {
    const { file, names, text } = place();
    for (const token of ["x", "y".repeat(MAX_TOKEN_LENGTH), "z"]) {
      await writeTokenFile(file, token);
      expect(text()).toBe(token);
    }
    expect(names()).toEqual([".auth_token"]);
  });

  test("in directories that are created for us alone", async () => {
    const { dir } = place();
    const configs = join(dir, "a", "b", "configs");
    await writeTokenFile(join(configs, ".auth_token"), NEW);
    for (const path of [configs, join(dir, "a", "b"), join(dir, "a")]) {
      expect(fs.statSync(path).mode & 0o777).toBe(0o700);
    }
    expect(fs.statSync(dir).mode & 0o777).toBe(0o755);
  });

  test("in a directory that somebody else creates at the same moment", async () => {
    const { dir } = place();
    const configs = join(dir, "configs");
    const real = fs.mkdirSync;
    vi.spyOn(fs, "mkdirSync").mockImplementationOnce(((path: string) => {
      real(path);
      return real(path);
    }) as typeof fs.mkdirSync);
    await writeTokenFile(join(configs, ".auth_token"), NEW);
    expect(fs.readFileSync(join(configs, ".auth_token"), "utf8")).toBe(NEW);
  });

  test("step by step, so that no loss of power can undo it or show half of it", async () => {
    const { dir } = place();
    const configs = join(dir, "configs");
    const file = join(configs, ".auth_token");
    const steps: string[] = [];
    const opened = new Map<number, string>();
    const { openSync, mkdirSync, fchmodSync, writeSync, fsync, closeSync, renameSync } = fs;
    const name = (path: unknown) =>
      String(path)
        .replace(dir, "DIR")
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "RANDOM");
    vi.spyOn(fs, "mkdirSync").mockImplementation(((path: string, mode: number) => {
      steps.push(`mkdir ${name(path)} ${mode.toString(8)}`);
      return mkdirSync(path, mode);
    }) as typeof fs.mkdirSync);
    vi.spyOn(fs, "openSync").mockImplementation((path, flags, mode) => {
      const fd = openSync(path, flags, mode);
      opened.set(fd, name(path));
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;
      const created = flags === (O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY);
      if (created) steps.push(`create ${name(path)} ${mode?.toString(8)}`);
      return fd;
    });
    vi.spyOn(fs, "fchmodSync").mockImplementation((fd, mode) => {
      steps.push(`chmod ${opened.get(fd)} ${mode.toString(8)}`);
      fchmodSync(fd, mode);
    });
    vi.spyOn(fs, "writeSync").mockImplementation(((
      fd: number,
      ...args: [Uint8Array, number, number, number]
    ) => {
      steps.push(`write ${opened.get(fd)}`);
      return writeSync(fd, ...args);
    }) as typeof fs.writeSync);
    vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: Callback) => {
      steps.push(`fsync ${opened.get(fd)}`);
      fsync(fd, done);
    }) as typeof fs.fsync);
    vi.spyOn(fs, "closeSync").mockImplementation((fd) => {
      steps.push(`close ${opened.get(fd)}`);
      closeSync(fd);
    });
    vi.spyOn(fs, "renameSync").mockImplementation((from, to) => {
      steps.push(`rename ${name(from)} ${name(to)}`);
      renameSync(from, to);
    });
    await writeTokenFile(file, NEW);
    vi.restoreAllMocks();
    const copy = "DIR/configs/.auth_token.RANDOM.tmp";
    expect(steps).toEqual([
      "mkdir DIR/configs 700",
      "fsync DIR",
      "close DIR",
      `create ${copy} 600`,
      `chmod ${copy} 600`,
      `write ${copy}`,
      `fsync ${copy}`,
      `close ${copy}`,
      `rename ${copy} DIR/configs/.auth_token`,
      "fsync DIR/configs",
      "close DIR/configs",
    ]);
  });

  test("whole, when the system takes it in small parts", async () => {
    const { file, text } = place();
    const real = fs.writeSync as (...args: unknown[]) => number;
    vi.spyOn(fs, "writeSync").mockImplementation(((...args: [number, Uint8Array, number, number, number]) => {
      const [fd, bytes, offset, length, position] = args;
      return real(fd, bytes, offset, Math.min(7, length), position);
    }) as typeof fs.writeSync);
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });
});

describe("incident 9: only its owner can ever read it", () => {
  test.each([0o000, 0o022, 0o077, 0o777])("under umask %i", (umask) => {
    const { dir } = place();
    // Somebody who is not root feels what a umask takes.
    const uid = isRoot ? NOBODY : undefined;
    fs.chmodSync(dir, 0o777);
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage } from "@x/auth-node";
      const configsDir = ${JSON.stringify(dir)} + "/a/b";
      const seen = [];
      const { openSync } = fs;
      fs.openSync = (path, ...rest) => {
        const fd = openSync(path, ...rest);
        if (path.endsWith(".tmp")) seen.push(fs.fstatSync(fd).mode & 0o077);
        return fd;
      };
      await fileTokenStorage({ configsDir }).write("${NEW}");
      const mode = (path) => (fs.statSync(path).mode & 0o777).toString(8);
      answer({ seen, file: mode(configsDir + "/.auth_token"), directory: mode(configsDir) });`;
    expect(runModule(script, { umask, uid })).toEqual({
      seen: [0],
      file: "600",
      directory: "700",
    });
  });

  test("also where everybody could read the file before", async () => {
    const { file, mode } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    await writeTokenFile(file, NEW);
    expect(mode()).toBe(0o600);
  });

  test("a file system without modes is no reason not to store it", async () => {
    const { file, text } = place();
    vi.spyOn(fs, "fchmodSync").mockImplementation(() => {
      throw fsError("EPERM", "fchmod");
    });
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });
});

describe("incident 8: a foreign-owned file in our own directory", () => {
  const foreign = isRoot ? "" : " (here it is ours: only root can give a file away)";

  test(`is replaced, and ends 0600 and ours${foreign}`, () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    if (isRoot) fs.chownSync(dir, NOBODY, NOBODY);
    const script = `
      import { createNodeAuth } from "@x/auth-node";
      const events = [];
      const auth = createNodeAuth({ configsDir: ${JSON.stringify(dir)}, env: {}, onEvent: ({ type }) => events.push(type) });
      const before = await auth.getToken();
      await auth.saveToken("${NEW}");
      answer({ before, after: await auth.refreshCache(), events });`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      before: OLD,
      after: NEW,
      events: [isRoot ? "token-file-exposed" : "token-file-tightened", "token-saved"],
    });
    const { mode, uid } = fs.statSync(file);
    expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: isRoot ? NOBODY : process.getuid?.() });
  });
});

describe("a symbolic link stays one", () => {
  test("and the file that it leads to is replaced, beside itself", async () => {
    const { dir, file, names } = place();
    const secrets = join(dir, "secrets");
    fs.mkdirSync(secrets);
    fs.writeFileSync(join(secrets, "token"), OLD);
    fs.symlinkSync("secrets/token", join(dir, "link"));
    fs.symlinkSync("link", file);
    const renamed = vi.spyOn(fs, "renameSync");
    expect(await writeTokenFile(file, NEW)).toEqual({ directory: secrets, inPlace: null });
    expect(renamed.mock.calls[0]?.[0]).toMatch(/secrets\/\.auth_token\.[0-9a-f-]{36}\.tmp$/);
    expect(fs.readFileSync(join(secrets, "token"), "utf8")).toBe(NEW);
    expect(fs.statSync(join(secrets, "token")).mode & 0o777).toBe(0o600);
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(fs.readdirSync(secrets)).toEqual(["token"]);
    expect(names()).toEqual([".auth_token", "link", "secrets"]);
  });
});
