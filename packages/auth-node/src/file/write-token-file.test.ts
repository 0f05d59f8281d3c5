import fs from "node:fs";
import { join } from "node:path";
import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { describe, expect, test, vi } from "vitest";
import { isRoot, NOBODY, runModule } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { writeFile } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("a token is stored", () => {
  test("as the whole content of the file, without a newline, for its owner only", async () => {
    const { dir, file, names, text, mode } = tokenDirectory();
    expect(await writeFile(file, NEW)).toEqual({ directory: dir, inPlace: null });
    expect(text()).toBe(NEW);
    expect(mode()).toBe(0o600);
    expect(names()).toEqual([".auth_token"]);
  });

  test("over a shorter one and over a longer one", async () => {
    const { file, names, text } = tokenDirectory();
    for (const token of ["x", "y".repeat(MAX_TOKEN_LENGTH), "z"]) {
      await writeFile(file, token);
      expect(text()).toBe(token);
    }
    expect(names()).toEqual([".auth_token"]);
  });

  test("in directories that are created for us alone", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "a", "b", "configs");
    await writeFile(join(configs, ".auth_token"), NEW);
    for (const path of [configs, join(dir, "a", "b"), join(dir, "a")]) {
      expect(fs.statSync(path).mode & 0o777).toBe(0o700);
    }
    expect(fs.statSync(dir).mode & 0o777).toBe(0o755);
  });

  test("in a directory that another process creates at the same moment", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "configs");
    const mkdir: FileSystem["mkdir"] = async (path, mode) => {
      await poolFileSystem.mkdir(path, mode);
      await poolFileSystem.mkdir(path, mode);
    };
    await writeFile(join(configs, ".auth_token"), NEW, { mkdir });
    expect(fs.readFileSync(join(configs, ".auth_token"), "utf8")).toBe(NEW);
  });

  test("in an order of steps such that no power loss can undo it or leave a part of it", async () => {
    const { dir } = tokenDirectory();
    const configs = join(dir, "configs");
    const file = join(configs, ".auth_token");
    const steps: string[] = [];
    const opened = new Map<number, string>();
    const name = (path: string) => path.replace(dir, "DIR").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "RANDOM");
    const real = poolFileSystem;
    const faults: Partial<FileSystem> = {
      mkdir(path, mode) {
        steps.push(`mkdir ${name(path)} ${mode.toString(8)}`);
        return real.mkdir(path, mode);
      },
      async open(path, flags, mode) {
        const fd = await real.open(path, flags, mode);
        opened.set(fd, name(path));
        const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;
        const created = flags === (O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY);
        if (created) steps.push(`create ${name(path)} ${mode?.toString(8)}`);
        return fd;
      },
      fchmod(fd, mode) {
        steps.push(`chmod ${opened.get(fd)} ${mode.toString(8)}`);
        return real.fchmod(fd, mode);
      },
      write(fd, ...args) {
        steps.push(`write ${opened.get(fd)}`);
        return real.write(fd, ...args);
      },
      fsync(fd) {
        steps.push(`fsync ${opened.get(fd)}`);
        return real.fsync(fd);
      },
      close(fd) {
        steps.push(`close ${opened.get(fd)}`);
        return real.close(fd);
      },
      rename(from, to) {
        steps.push(`rename ${name(from)} ${name(to)}`);
        return real.rename(from, to);
      },
    };
    await writeFile(file, NEW, faults);
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

  test("completely, even if the system writes it in small parts", async () => {
    const { file, text } = tokenDirectory();
    const write: FileSystem["write"] = (fd, bytes, position) =>
      poolFileSystem.write(fd, bytes.subarray(0, 7), position);
    await writeFile(file, NEW, { write });
    expect(text()).toBe(NEW);
  });
});

describe("incident 9: only its owner can ever read it", () => {
  test.each([0o000, 0o022, 0o077, 0o777])("under umask %i", (umask) => {
    const { dir } = tokenDirectory();
    // A umask restricts only users other than root.
    const uid = isRoot ? NOBODY : undefined;
    if (isRoot) fs.chownSync(dir, NOBODY, NOBODY);
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage, poolFileSystem } from "@x/auth-node";
      const configsDir = ${JSON.stringify(dir)} + "/a/b";
      const seen = [];
      const open = async (path, ...rest) => {
        const fd = await poolFileSystem.open(path, ...rest);
        if (path.endsWith(".tmp")) seen.push(fs.fstatSync(fd).mode & 0o077);
        return fd;
      };
      await fileTokenStorage({ configsDir, io: { ...poolFileSystem, open } }).write("${NEW}");
      const mode = (path) => (fs.statSync(path).mode & 0o777).toString(8);
      answer({ seen, file: mode(configsDir + "/.auth_token"), directory: mode(configsDir) });`;
    expect(runModule(script, { umask, uid })).toEqual({
      seen: [0],
      file: "600",
      directory: "700",
    });
  });

  test("even if all users could read the file before", async () => {
    const { file, mode } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o644);
    await writeFile(file, NEW);
    expect(mode()).toBe(0o600);
  });

  test("but a file system without modes does not prevent storing it", async () => {
    const { file, text } = tokenDirectory();
    await writeFile(file, NEW, { fchmod: fails("EPERM", "fchmod") });
    expect(text()).toBe(NEW);
  });
});

describe("incident 8: a foreign-owned file in our own directory", () => {
  const foreign = isRoot ? "" : " (here with our own file: only root can change owners)";

  test(`is replaced by our own file with mode 0600${foreign}`, () => {
    const { dir, file } = tokenDirectory();
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
      events: [isRoot ? "token-file-readable-by-others" : "token-file-permissions-fixed", "token-saved"],
    });
    const { mode, uid } = fs.statSync(file);
    expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: isRoot ? NOBODY : process.getuid?.() });
  });
});

describe("a symbolic link stays one", () => {
  test("and its target is replaced in the target's directory", async () => {
    const { dir, file, names } = tokenDirectory();
    const secrets = join(dir, "secrets");
    fs.mkdirSync(secrets);
    fs.writeFileSync(join(secrets, "token"), OLD);
    fs.symlinkSync("secrets/token", join(dir, "link"));
    fs.symlinkSync("link", file);
    const rename = vi.fn(poolFileSystem.rename);
    expect(await writeFile(file, NEW, { rename })).toEqual({ directory: secrets, inPlace: null });
    expect(rename.mock.calls[0]?.[0]).toMatch(/secrets\/\.auth_token\.[0-9a-f-]{36}\.tmp$/);
    expect(fs.readFileSync(join(secrets, "token"), "utf8")).toBe(NEW);
    expect(fs.statSync(join(secrets, "token")).mode & 0o777).toBe(0o600);
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(fs.readdirSync(secrets)).toEqual(["token"]);
    expect(names()).toEqual([".auth_token", "link", "secrets"]);
  });
});
