import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted } from "../test/child.ts";
import { fsError, NEW, OLD, place } from "../test/place.ts";
import { writeInPlace } from "./write-in-place.ts";
import { writeTokenFile } from "./write-token-file.ts";

afterEach(() => vi.restoreAllMocks());

type Write = (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => number;

/** What a file on which something is mounted answers to a rename. */
function refuseRename(code = "EBUSY") {
  vi.spyOn(fs, "renameSync").mockImplementation(() => {
    throw fsError(code, "rename");
  });
}

/** Takes over the nth write to the file itself (those to a new file beside it do not count). */
function interceptWrites(file: string, take: (time: number, real: Write, args: Parameters<Write>) => number) {
  const real = fs.writeSync as Write;
  let times = 0;
  vi.spyOn(fs, "writeSync").mockImplementation(((...args: Parameters<Write>) => {
    if (fs.fstatSync(args[0]).ino !== fs.statSync(file).ino) return real(...args);
    times += 1;
    return take(times, real, args);
  }) as typeof fs.writeSync);
}

/** Everything that a reader could have seen: the file's content after each change. */
function recordStates(file: string): string[] {
  const states: string[] = [];
  const note = () => states.push(fs.readFileSync(file, "utf8"));
  const { writeSync, ftruncateSync } = fs;
  vi.spyOn(fs, "writeSync").mockImplementation(((...args: Parameters<Write>) => {
    const written = (writeSync as Write)(...args);
    note();
    return written;
  }) as typeof fs.writeSync);
  vi.spyOn(fs, "ftruncateSync").mockImplementation((...args) => {
    ftruncateSync(...args);
    note();
  });
  return states;
}

const LONG = "long".repeat(1_000);

describe("a file that cannot be replaced is written in place", () => {
  test.each(["EBUSY", "EXDEV", "EACCES", "EPERM", "EROFS"])("when the rename says %s", async (code) => {
    const { dir, file, names, text, mode } = place();
    fs.writeFileSync(file, OLD, { mode: 0o644 });
    const { ino } = fs.statSync(file);
    refuseRename(code);
    expect(await writeTokenFile(file, NEW)).toEqual({ directory: dir, inPlace: code });
    expect(text()).toBe(NEW);
    expect(mode()).toBe(0o600);
    expect(fs.statSync(file).ino).toBe(ino);
    expect(names()).toEqual([".auth_token"]);
  });

  test.each([
    ["a shorter one over a longer one", LONG, NEW],
    ["a longer one over a shorter one", OLD, LONG],
    ["one as long", OLD, NEW],
    ["one over a blank file", "\n", NEW],
    ["the longest", OLD, "x".repeat(MAX_TOKEN_LENGTH)],
  ])("%s: at every instant it is the old token or the new one", async (_what, before, after) => {
    const { file } = place();
    fs.writeFileSync(file, before);
    refuseRename();
    const states = recordStates(file);
    await writeTokenFile(file, after);
    expect(states.at(-1)).toBe(after);
    for (const state of states) expect([before.trim(), after]).toContain(state.trim());
  });

  test("a file too large to be a token is cut to the new one", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, "x".repeat(1_000_000));
    refuseRename();
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });

  test("the copy beside it stays until the file is known to hold the token", async () => {
    const { dir, file, names } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    const seen: string[][] = [];
    const { readSync } = fs;
    vi.spyOn(fs, "readSync").mockImplementation(((...args: Parameters<typeof readSync>) => {
      seen.push(names().filter((name) => name.endsWith(".tmp")));
      return readSync(...args);
    }) as typeof fs.readSync);
    await writeTokenFile(file, NEW);
    const there = [expect.stringMatching(/^\.auth_token\.[0-9a-f-]{36}\.tmp$/)];
    expect(seen).toEqual([there, there]);
    expect(fs.readdirSync(dir)).toEqual([".auth_token"]);
  });

  const mounted = canMount ? "" : " (here: a rename that is refused as it would be)";
  test(`a file that is a mount of its own${mounted}`, async () => {
    const { dir, file } = place();
    if (!canMount) {
      fs.writeFileSync(file, OLD);
      refuseRename();
      expect((await writeTokenFile(file, NEW)).inPlace).toBe("EBUSY");
      return;
    }
    const configs = join(dir, "configs");
    const source = join(dir, "source");
    fs.mkdirSync(configs);
    fs.writeFileSync(source, OLD, { mode: 0o644 });
    fs.writeFileSync(join(configs, ".auth_token"), "");
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage } from "@x/auth-node";
      const configsDir = ${JSON.stringify(configs)};
      const events = [];
      const storage = fileTokenStorage({ configsDir, onEvent: (event) => events.push(event) });
      const tokens = [await storage.read()];
      for (const token of ["${NEW}", "${LONG}", "short"]) {
        await storage.write(token);
        tokens.push(await storage.read());
      }
      console.log(JSON.stringify({ tokens, events, names: fs.readdirSync(configsDir) }));`;
    const inPlace = { type: "token-file-written-in-place", path: join(configs, ".auth_token"), why: "EBUSY" };
    expect(runMounted(`mount --bind ${source} ${configs}/.auth_token; ${RUN}`, script)).toEqual({
      tokens: [OLD, NEW, LONG, "short"],
      events: [
        { type: "token-file-tightened", path: join(configs, ".auth_token"), mode: 0o644 },
        inPlace,
        inPlace,
        inPlace,
      ],
      names: [".auth_token"],
    });
    expect(fs.readFileSync(source, "utf8")).toBe("short");
    expect(fs.statSync(source).mode & 0o777).toBe(0o600);
  });

  test(`the same on a full disk: what does not fit leaves the old token${mounted}`, async () => {
    const { dir, file } = place();
    if (!canMount) {
      fs.writeFileSync(file, OLD);
      refuseRename();
      interceptWrites(file, () => {
        throw fsError("ENOSPC", "write");
      });
      await expect(writeTokenFile(file, LONG)).rejects.toMatchObject({ cause: { code: "ENOSPC" } });
      return;
    }
    const configs = join(dir, "configs");
    const small = join(dir, "small");
    for (const path of [configs, small]) fs.mkdirSync(path);
    fs.writeFileSync(join(configs, ".auth_token"), "");
    const script = `
      import fs from "node:fs";
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(configs)} });
      const { code, cause } = await storage.write("n".repeat(16384)).catch((error) => error);
      const old = await storage.read();
      await storage.write("${NEW}");
      const names = fs.readdirSync(${JSON.stringify(configs)});
      console.log(JSON.stringify({ code, cause: cause.code, old, next: await storage.read(), names }));`;
    const commands = `
      mount -t tmpfs -o size=16k none ${small}; printf %s ${OLD} > ${small}/token
      mount --bind ${small}/token ${configs}/.auth_token
      head -c 1000000 /dev/zero > ${small}/filler || true
      ${RUN}`;
    expect(runMounted(commands, script)).toEqual({
      code: "STORAGE_WRITE_FAILED",
      cause: "ENOSPC",
      old: OLD,
      next: NEW,
      names: [".auth_token"],
    });
  });

  test("a file of ours in a directory that we may not write to", () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    if (isRoot) fs.chownSync(file, NOBODY, NOBODY);
    else fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const events = [];
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)}, onEvent: (event) => events.push(event) });
      await storage.write("${NEW}");
      console.log(JSON.stringify({ token: await storage.read(), events }));`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      token: NEW,
      events: [{ type: "token-file-written-in-place", path: file, why: "EACCES" }],
    });
    fs.chmodSync(dir, 0o700);
  });
});

describe("what can be done neither way is refused", () => {
  test("when neither the directory nor the file may be written to", () => {
    const { dir, file } = place();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o444);
    if (!isRoot) fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)}, tighten: false });
      const { code, message, cause } = await storage.write("${NEW}").catch((error) => error);
      console.log(JSON.stringify({ code, message, cause: cause.code, token: await storage.read() }));`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("it cannot be replaced (EACCES), nor written in place"),
      cause: "EACCES",
      token: OLD,
    });
    fs.chmodSync(dir, 0o700);
  });

  test("when there is no file, and the directory may not be written to", () => {
    const { dir } = place();
    if (!isRoot) fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const failed = async (configsDir) => {
        const { code, message } = await fileTokenStorage({ configsDir }).write("${NEW}").catch((error) => error);
        return { code, message };
      };
      const dir = ${JSON.stringify(dir)};
      console.log(JSON.stringify([await failed(dir), await failed(dir + "/a/b")]));`;
    const refusal = {
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("may not write there (EACCES). Make it writable for that user"),
    };
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual([refusal, refusal]);
    fs.chmodSync(dir, 0o700);
  });

  const mounted = canMount ? "" : " (here: where creating a file is answered as it would be)";
  test(`when the file system is read-only${mounted}`, async () => {
    const { dir, file, text } = place();
    fs.writeFileSync(file, OLD);
    if (!canMount) {
      vi.spyOn(fs, "openSync").mockImplementation(() => {
        throw fsError("EROFS", "open");
      });
      await expect(writeTokenFile(file, NEW)).rejects.toThrow("the file system is read-only (EROFS)");
      vi.restoreAllMocks();
      expect(text()).toBe(OLD);
      return;
    }
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const events = [];
      const configsDir = ${JSON.stringify(dir)};
      const storage = fileTokenStorage({ configsDir, onEvent: (event) => events.push(event) });
      const { code, message } = await storage.write("${NEW}").catch((error) => error);
      console.log(JSON.stringify({ code, message, tokens: [await storage.read(), await storage.read()], events }));`;
    const commands = `mount --bind ${dir} ${dir}; mount -o remount,ro,bind ${dir}; ${RUN}`;
    expect(runMounted(`chmod 0644 ${file}; ${commands}`, script)).toEqual({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("the file system is read-only (EROFS). Mount it writable"),
      tokens: [OLD, OLD],
      events: [{ type: "token-file-exposed", path: file, mode: 0o644, uid: process.getuid?.() }],
    });
    expect(text()).toBe(OLD);
  });

  test("when the space for a longer token cannot be had: the old one stays", async () => {
    const { file, names, text } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (time, real, [fd, bytes, offset, , position]) => {
      if (time === 1) return real(fd, bytes, offset, 100, position);
      throw fsError("ENOSPC", "write");
    });
    await expect(writeTokenFile(file, LONG)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("What was stored before is untouched"),
      cause: { code: "ENOSPC" },
    });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("when the file is something else by now", async () => {
    const { dir, file } = place();
    expect(await writeInPlace(join(dir, "gone"), Buffer.from(NEW))).toMatchObject({
      ok: false,
      touched: false,
    });
    expect(await writeInPlace("/dev/null", Buffer.from(NEW))).toMatchObject({ ok: false, touched: false });
    fs.symlinkSync("/dev/null", file);
    expect(await writeInPlace(file, Buffer.from(NEW))).toMatchObject({
      ok: false,
      touched: false,
      error: { code: "ELOOP" },
    });
  });
});

describe("when writing in place fails midway", () => {
  test("the error says so, and where the whole token is, without telling it", async () => {
    const { dir, file, names } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (time, real, [fd, bytes, offset, , position]) => {
      if (time === 1) return real(fd, bytes, offset, 5, position);
      throw fsError("EIO", "write");
    });
    const error = await writeTokenFile(file, NEW).catch((failure) => failure);
    const copy = names().find((name) => name.endsWith(".tmp")) ?? "none";
    expect(error).toMatchObject({ code: "STORAGE_WRITE_FAILED", cause: { code: "EIO" } });
    expect(error.message).toContain("failed midway (EIO)");
    expect(error.message).toContain(join(dir, copy));
    expect(fs.readFileSync(join(dir, copy), "utf8")).toBe(NEW);
    expect(fs.statSync(join(dir, copy)).mode & 0o777).toBe(0o600);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/newnew|oldold/);
  });

  test("and there could be no copy, the error says to save again, and that helps", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, OLD);
    const real = fs.openSync;
    vi.spyOn(fs, "openSync").mockImplementation((path, ...rest) => {
      if (String(path).endsWith(".tmp")) throw fsError("EACCES", "open");
      return real(path, ...rest);
    });
    const flush = vi
      .spyOn(fs, "fsync")
      .mockImplementationOnce(((_fd: number, done: (error: Error) => void) =>
        done(fsError("EIO", "fsync"))) as typeof fs.fsync);
    await expect(writeTokenFile(file, NEW)).rejects.toThrow(
      /failed midway \(EIO\).* Save the token again\.$/,
    );
    flush.mockRestore();
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });
});

describe("when another writer writes in place at the same time", () => {
  test("the last of them to look repairs what they have mixed", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (time, real, args) => {
      const written = real(...args);
      if (time === 1) fs.writeFileSync(file, "another writer's longer token ".repeat(3));
      return written;
    });
    await writeTokenFile(file, NEW);
    expect(text()).toBe(NEW);
  });

  test("a file that the other made shorter is not filled up with zero bytes", async () => {
    const { file, text } = place();
    fs.writeFileSync(file, LONG);
    refuseRename();
    const { fsync } = fs;
    const states: string[] = [];
    let times = 0;
    vi.spyOn(fs, "fsync").mockImplementation(((fd: number, done: (error: null) => void) => {
      times += 1;
      // The second one: the first was the copy's.
      if (times === 2) fs.writeFileSync(file, "short");
      fsync(fd, () => {
        states.push(text());
        done(null);
      });
    }) as typeof fs.fsync);
    await writeTokenFile(file, NEW);
    for (const state of states) expect(state).not.toContain("\0");
    expect(text()).toBe(NEW);
  });

  test("one that never ends is reported", async () => {
    const { file } = place();
    fs.writeFileSync(file, OLD);
    refuseRename();
    interceptWrites(file, (_time, real, args) => {
      const written = real(...args);
      fs.writeFileSync(file, "never this one");
      return written;
    });
    await expect(writeTokenFile(file, NEW)).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("failed midway"),
    });
  });
});
