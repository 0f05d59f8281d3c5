import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted } from "../test/child.ts";
import { fsError, NEW, OLD, place } from "../test/place.ts";
import { writeTokenFile } from "./write-token-file.ts";

afterEach(() => vi.restoreAllMocks());

type Callback = (error: Error | null) => void;

/** Makes every fsync fail that `when` picks. */
function failFlush(code: string, when: (fd: number) => boolean) {
  const real = fs.fsync;
  vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: Callback) =>
    when(fd) ? done(fsError(code, "fsync")) : real(fd, done)) as typeof fs.fsync);
}

const isDirectory = (fd: number) => fs.fstatSync(fd).isDirectory();

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
      console.log(JSON.stringify({ seen, file: mode(configsDir + "/.auth_token"), directory: mode(configsDir) }));`;
    expect(runModule(script, { umask, ...(uid !== undefined && { uid }) })).toEqual({
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
      console.log(JSON.stringify({ before, after: await auth.refreshCache(), events }));`;
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

describe("it is refused, and nothing changes,", () => {
  const refused = async (file: string) => {
    const error = await writeTokenFile(file, NEW).then(
      () => expect.unreachable("stored"),
      (failure: Error) => failure,
    );
    expect(error).toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(error.message).toContain(file);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/newnew|oldold/);
    return error;
  };

  test("where a link leads nowhere", async () => {
    const { dir, file, names } = place();
    fs.symlinkSync(join(dir, "not-there"), file);
    expect((await refused(file)).message).toContain("a symbolic link to nothing");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where links lead in a circle", async () => {
    const { dir, file, names } = place();
    fs.symlinkSync(file, join(dir, "other"));
    fs.symlinkSync(join(dir, "other"), file);
    expect((await refused(file)).message).toContain("circle (ELOOP)");
    expect(names()).toEqual([".auth_token", "other"]);
  });

  test("where there is a directory, itself or behind a link", async () => {
    const { dir, file, names } = place();
    fs.mkdirSync(file);
    expect((await refused(file)).message).toContain("is a directory, not a file");
    fs.rmdirSync(file);
    fs.symlinkSync(dir, file);
    expect((await refused(file)).message).toContain("is a directory, not a file");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where there is a pipe", async () => {
    const { file, names } = place();
    expect(spawnSync("mkfifo", [file]).status).toBe(0);
    expect((await refused(file)).message).toContain("is a pipe, not a file");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the path goes through a file", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, OLD);
    expect((await refused(join(file, ".auth_token"))).message).toContain("not a directory (ENOTDIR)");
    expect((await refused(join(file, "configs", ".auth_token"))).message).toContain("ENOTDIR");
    expect(text()).toBe(OLD);
  });

  test("where the directory is a link that leads nowhere", async () => {
    const { dir } = place();
    fs.symlinkSync(join(dir, "not-there"), join(dir, "configs"));
    expect((await refused(join(dir, "configs", ".auth_token"))).message).toContain("ENOENT");
  });

  const mounted = canMount ? "" : " (here: where no space is left, by a provoked error)";
  test(`where the disk is full: the old token stays${mounted}`, async () => {
    if (canMount) {
      const { dir } = place();
      const script = `
        import fs from "node:fs";
        import { fileTokenStorage } from "@x/auth-node";
        const configsDir = ${JSON.stringify(dir)};
        const storage = fileTokenStorage({ configsDir });
        await storage.write("${OLD}");
        const filler = fs.openSync(configsDir + "/filler", "w");
        try { for (;;) fs.writeSync(filler, Buffer.alloc(4096)); } catch {}
        fs.ftruncateSync(filler, fs.fstatSync(filler).size - 4096);
        const { code, cause } = await storage.write("n".repeat(16384)).catch((error) => error);
        const token = await storage.read();
        // What fits goes in, however full the disk is otherwise.
        await storage.write("${NEW}");
        console.log(JSON.stringify({ code, cause: cause.code, token, next: await storage.read(), names: fs.readdirSync(configsDir) }));`;
      expect(runMounted(`mount -t tmpfs -o size=128k none ${dir}; ${RUN}`, script)).toEqual({
        code: "STORAGE_WRITE_FAILED",
        cause: "ENOSPC",
        token: OLD,
        next: NEW,
        names: [".auth_token", "filler"],
      });
      return;
    }
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    const real = fs.writeSync as (...args: unknown[]) => number;
    vi.spyOn(fs, "writeSync")
      .mockImplementationOnce(((...args: [number, Uint8Array, number, number, number]) =>
        real(args[0], args[1], args[2], 10, args[4])) as typeof fs.writeSync)
      .mockReturnValueOnce(0);
    expect((await refused(file)).message).toContain("no space left (ENOSPC)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where a write takes nothing at all", async () => {
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    vi.spyOn(fs, "writeSync").mockReturnValueOnce(10).mockReturnValueOnce(0);
    expect((await refused(file)).message).toContain("no space left (ENOSPC)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the disk fails to keep it", async () => {
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    failFlush("EIO", (fd) => !isDirectory(fd));
    expect(await refused(file)).toMatchObject({ cause: { code: "EIO" } });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the file system tells only at the end that it could not keep it", async () => {
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    const real = fs.closeSync;
    vi.spyOn(fs, "closeSync").mockImplementationOnce((fd) => {
      real(fd);
      throw fsError("EDQUOT", "close");
    });
    expect((await refused(file)).message).toContain("no space left (EDQUOT)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the file cannot be put in its place, for an unknown reason", async () => {
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    vi.spyOn(fs, "renameSync").mockImplementationOnce(() => {
      throw fsError("EIO", "rename");
    });
    expect(await refused(file)).toMatchObject({ cause: { code: "EIO" } });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });
});

describe("when its directory", () => {
  test.each(["EINVAL", "EPERM", "EISDIR", "ENOTSUP"])(
    "cannot be flushed here (%s), that is enough",
    async (code) => {
      const { file, text } = place();
      failFlush(code, isDirectory);
      await writeTokenFile(file, NEW);
      expect(text()).toBe(NEW);
    },
  );

  test("may not be opened, that is enough", () => {
    const { dir } = place();
    fs.chmodSync(dir, 0o300);
    if (isRoot) fs.chownSync(dir, NOBODY, NOBODY);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)} });
      await storage.write("${NEW}");
      console.log(JSON.stringify(await storage.read()));`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toBe(NEW);
    fs.chmodSync(dir, 0o700);
  });

  test("fails to be flushed, the token is there but not called stored", async () => {
    const { file, text } = place();
    failFlush("EIO", isDirectory);
    await expect(writeTokenFile(file, NEW)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("the disk does not confirm it (EIO)"),
      cause: { code: "EIO" },
    });
    expect(text()).toBe(NEW);
  });
});
