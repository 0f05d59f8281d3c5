import fs from "node:fs";
import { join } from "node:path";
import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { describe, expect, test } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted, storageIn } from "../../test/child.ts";
import { fails, interceptWrites, notReplaceable } from "../../test/faults.ts";
import { writeFile } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** Everything that a reader could have seen: the file's content after each change. */
function recordStates(file: string) {
  const states: string[] = [];
  const note = () => states.push(fs.readFileSync(file, "utf8"));
  const faults: Partial<FileSystem> = {
    ...notReplaceable(),
    async write(...args) {
      const written = await poolFileSystem.write(...args);
      note();
      return written;
    },
    async ftruncate(...args) {
      await poolFileSystem.ftruncate(...args);
      note();
    },
  };
  return { states, faults };
}

const LONG = "long".repeat(1_000);

describe("a file that cannot be replaced is written in place", () => {
  test.each(["EBUSY", "EXDEV", "EACCES", "EPERM", "EROFS"])("when the rename fails with %s", async (code) => {
    const { dir, file, names, text, mode } = tokenDirectory(OLD);
    const { ino } = fs.statSync(file);
    expect(await writeFile(file, NEW, notReplaceable(code))).toEqual({ directory: dir, inPlace: code });
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
    const { file } = tokenDirectory();
    fs.writeFileSync(file, before, { mode: 0o600 });
    const { states, faults } = recordStates(file);
    await writeFile(file, after, faults);
    expect(states.at(-1)).toBe(after);
    for (const state of states) expect([before.trim(), after]).toContain(state.trim());
  });

  test("a file too large for a token is truncated to the new one", async () => {
    const { file, text } = tokenDirectory();
    fs.writeFileSync(file, "x".repeat(1_000_000), { mode: 0o600 });
    await writeFile(file, NEW, notReplaceable());
    expect(text()).toBe(NEW);
  });

  test("the copy next to it stays until the file contains the token", async () => {
    const { dir, file, names } = tokenDirectory(OLD);
    const seen: string[][] = [];
    const read: FileSystem["read"] = (...args) => {
      seen.push(names().filter((name) => name.endsWith(".tmp")));
      return poolFileSystem.read(...args);
    };
    await writeFile(file, NEW, { ...notReplaceable(), read });
    const there = [expect.stringMatching(/^\.auth_token\.[0-9a-f-]{36}\.tmp$/)];
    expect(seen).toEqual([there, there]);
    expect(fs.readdirSync(dir)).toEqual([".auth_token"]);
  });

  const mounted = canMount ? "" : " (here: with a simulated rename error)";
  test(`a file that is a mount point${mounted}`, async () => {
    const { dir, file } = tokenDirectory();
    if (!canMount) {
      fs.writeFileSync(file, OLD, { mode: 0o600 });
      expect((await writeFile(file, NEW, notReplaceable())).inPlace).toBe("EBUSY");
      return;
    }
    const configs = join(dir, "configs");
    const source = join(dir, "source");
    fs.mkdirSync(configs);
    fs.writeFileSync(source, OLD, { mode: 0o600 });
    fs.writeFileSync(join(configs, ".auth_token"), "");
    const script = `${storageIn(configs)}
      const tokens = [await storage.read()];
      for (const token of ["${NEW}", "${LONG}", "short"]) {
        await storage.write(token);
        tokens.push(await storage.read());
      }
      answer({ tokens, events, names: fs.readdirSync(configsDir) });`;
    const inPlace = { type: "token-file-written-in-place", path: join(configs, ".auth_token"), why: "EBUSY" };
    expect(runMounted(`mount --bind ${source} ${configs}/.auth_token; ${RUN}`, script)).toEqual({
      tokens: [OLD, NEW, LONG, "short"],
      events: [inPlace, inPlace, inPlace],
      names: [".auth_token"],
    });
    expect(fs.readFileSync(source, "utf8")).toBe("short");
    expect(fs.statSync(source).mode & 0o777).toBe(0o600);
  });

  test(`the same on a full disk: a token that does not fit leaves the old one${mounted}`, async () => {
    const { dir, file } = tokenDirectory();
    if (!canMount) {
      fs.writeFileSync(file, OLD, { mode: 0o600 });
      const faults = { ...notReplaceable(), ...interceptWrites(file, fails("ENOSPC", "write")) };
      await expect(writeFile(file, LONG, faults)).rejects.toMatchObject({ cause: { code: "ENOSPC" } });
      return;
    }
    const configs = join(dir, "configs");
    const small = join(dir, "small");
    for (const path of [configs, small]) fs.mkdirSync(path);
    fs.writeFileSync(join(configs, ".auth_token"), "");
    const script = `${storageIn(configs)}
      const { code, cause } = await storage.write("n".repeat(16384)).catch((error) => error);
      const old = await storage.read();
      await storage.write("${NEW}");
      const names = fs.readdirSync(${JSON.stringify(configs)});
      answer({ code, cause: cause.code, old, next: await storage.read(), names });`;
    const commands = `
      mount -t tmpfs -o size=16k none ${small}; printf %s ${OLD} > ${small}/token; chmod 600 ${small}/token
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

  test("our own file in a directory that we may not write to", () => {
    const { dir, file } = tokenDirectory(OLD);
    if (isRoot) fs.chownSync(file, NOBODY, NOBODY);
    else fs.chmodSync(dir, 0o500);
    const script = `${storageIn(dir)}
      await storage.write("${NEW}");
      answer({ token: await storage.read(), events });`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      token: NEW,
      events: [{ type: "token-file-written-in-place", path: file, why: "EACCES" }],
    });
    fs.chmodSync(dir, 0o700);
  });
});
