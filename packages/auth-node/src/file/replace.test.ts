import fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canMount, RUN, runMounted, startModule, storageIn } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { killedBefore } from "../../test/killed.ts";
import { fsError, NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("replacing", () => {
  test("the expected token is replaced; any other is left unchanged", async () => {
    const { dir, text, names } = tokenDirectory();
    const storage = fileTokenStorage({ configsDir: dir });
    expect(await storage.replace("something", NEW)).toBe(false);
    expect(names()).toEqual([]);
    expect(await storage.replace(null, OLD)).toBe(true);
    expect(await storage.replace(null, NEW)).toBe(false);
    expect(await storage.replace("another", NEW)).toBe(false);
    expect(text()).toBe(OLD);
    expect(await storage.replace(OLD, NEW)).toBe(true);
    expect(text()).toBe(NEW);
    expect(names()).toEqual([".auth_token"]);
  });

  test("trims tokens written by other programs before comparing", async () => {
    const { dir, file, text } = tokenDirectory();
    fs.writeFileSync(file, `${OLD}\n`, { mode: 0o600 });
    expect(await fileTokenStorage({ configsDir: dir }).replace(OLD, NEW)).toBe(true);
    expect(text()).toBe(NEW);
  });

  test("null also matches a blank file", async () => {
    const { dir, file, text } = tokenDirectory();
    fs.writeFileSync(file, "\n", { mode: 0o600 });
    expect(await fileTokenStorage({ configsDir: dir }).replace(null, NEW)).toBe(true);
    expect(text()).toBe(NEW);
  });

  test("rejects if the file is unreadable, which does not count as empty", async () => {
    const { dir, file } = tokenDirectory();
    fs.mkdirSync(file);
    const storage = fileTokenStorage({ configsDir: dir });
    await expect(storage.replace(null, NEW)).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    await expect(storage.replace(null, " ")).rejects.toMatchObject({ code: "TOKEN_INVALID" });
  });

  test.each([
    ["nothing", null],
    ["one token", OLD],
  ])("%s, concurrently: one wins, and its token is stored", async (_what, expected) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 2, maxLength: 8 }), async (who) => {
        const { dir, text } = tokenDirectory();
        const storages = [0, 1, 2].map(() => fileTokenStorage({ configsDir: dir }));
        if (expected !== null) await storages[0]?.write(expected);
        const results = await Promise.all(
          who.map((index, turn) => storages[index]?.replace(expected, `${NEW}${turn}`)),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
        expect(text()).toBe(`${NEW}${results.indexOf(true)}`);
      }),
      { numRuns: 25 },
    );
  });

  test("null, by several processes at once: one wins", async () => {
    const { dir, text } = tokenDirectory();
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const token = `${NEW}${index}`;
        const script = `${storageIn(dir)}
          process.stdout.write((await storage.replace(null, "${token}")) ? "won" : "lost");`;
        const child = startModule(script, {});
        let said = "";
        child.stdout?.on("data", (data) => {
          said += data;
        });
        await new Promise((resolve) => child.once("close", resolve));
        return { token, said };
      }),
    );
    const won = results.filter(({ said }) => said === "won");
    expect(results.map(({ said }) => said).sort()).toEqual(["lost", "lost", "lost", "won"]);
    expect(text()).toBe(won[0]?.token);
  });

  test.each(["EPERM", "ENOTSUP", "ENOSYS"])(
    "null is exclusive without hard links (%s), too",
    async (code) => {
      const { dir, text, names, mode } = tokenDirectory();
      const io = withFaults({ link: fails(code, "link") });
      const storages = [0, 1].map(() => fileTokenStorage({ configsDir: dir, io }));
      const results = await Promise.all(
        storages.map((storage, index) => storage.replace(null, `${NEW}${index}`)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(text()).toBe(`${NEW}${results.indexOf(true)}`);
      expect(mode()).toBe(0o600);
      expect(names()).toEqual([".auth_token"]);
    },
  );

  test("does not overwrite a token stored by another process between check and link", async () => {
    const { dir, file, text, names } = tokenDirectory();
    const link = async (from: string, to: string) => {
      fs.writeFileSync(file, OLD, { mode: 0o600 });
      await poolFileSystem.link(from, to);
    };
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ link }) });
    expect(await storage.replace(null, NEW)).toBe(false);
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("killed at each step: the old token or the new one", async () => {
    for (const expected of [null, OLD]) {
      for (let nth = 1, died = true; died; nth += 1) {
        const { dir, file } = tokenDirectory();
        if (expected !== null) fs.writeFileSync(file, expected, { mode: 0o600 });
        const killed = killedBefore(nth);
        const storage = fileTokenStorage({ configsDir: dir, io: killed.io });
        await storage.replace(expected, NEW).catch(() => {});
        died = killed.died();
        const options = [{ configsDir: dir }, { configsDir: dir, root: dir }];
        for (const option of options) {
          expect(died ? [expected, NEW] : [NEW]).toContain(await fileTokenStorage(option).read());
        }
      }
    }
  });
});

describe("removing", () => {
  test("resolves if there is no file, and creates nothing", async () => {
    const { dir, names } = tokenDirectory();
    await fileTokenStorage({ configsDir: join(dir, "a", "b") }).remove();
    await fileTokenStorage({ configsDir: dir }).remove();
    expect(names()).toEqual([]);
  });

  test("removes the file, flushes its directory, and lets the next token be stored", async () => {
    const { dir, text, names } = tokenDirectory();
    const flushed: boolean[] = [];
    const fsync = async (fd: number) => {
      flushed.push(fs.fstatSync(fd).isDirectory());
      await poolFileSystem.fsync(fd);
    };
    await fileTokenStorage({ configsDir: dir }).write(OLD);
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ fsync }) });
    await storage.remove();
    expect(flushed).toEqual([true]);
    expect(await storage.read()).toBeNull();
    expect(names()).toEqual([]);
    await storage.write(NEW);
    expect(text()).toBe(NEW);
  });

  test("removes the link and its target, so that the next token can be stored", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(join(dir, "real"), OLD, { mode: 0o600 });
    fs.symlinkSync("real", file);
    const storage = fileTokenStorage({ configsDir: dir });
    await storage.remove();
    expect(fs.readdirSync(dir)).toEqual([]);
    await storage.write(NEW);
    expect(await storage.read()).toBe(NEW);
  });

  const mounted = canMount ? "" : " (unchecked: cannot mount here)";
  test(`leaves a blank file at a mount point${mounted}`, () => {
    if (!canMount) return;
    const { dir, file } = tokenDirectory();
    const source = join(dir, "source");
    fs.writeFileSync(source, OLD, { mode: 0o600 });
    fs.writeFileSync(file, "");
    const script = `${storageIn(dir)}
      await storage.remove();
      answer(await storage.read());`;
    expect(runMounted(`mount --bind ${source} ${file}; ${RUN}`, script)).toBeNull();
    expect(fs.readFileSync(source, "utf8").trim()).toBe("");
  });

  test("reports a disk failure", async () => {
    const { dir, text } = tokenDirectory(OLD);
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ unlink: fails("EIO", "unlink") }) });
    await expect(storage.remove()).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      cause: { code: "EIO" },
    });
    expect(text()).toBe(OLD);
  });
});

describe("on a file system without hard links", () => {
  const noLinks = (meanwhile: () => void = () => {}) => ({
    link: async () => {
      meanwhile();
      throw fsError("EPERM", "link");
    },
  });

  test("a first token that does not fit on the disk leaves no file", async () => {
    const { dir, names } = tokenDirectory();
    let writes = 0;
    const write: FileSystem["write"] = async (...given) => {
      writes += 1;
      if (writes > 1) throw fsError("ENOSPC", "write");
      return poolFileSystem.write(...given);
    };
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ ...noLinks(), write }) });
    await expect(storage.replace(null, NEW)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(names()).toEqual([]);
  });

  test("the token of another process that was faster stays", async () => {
    const { dir, file, text, names } = tokenDirectory();
    const faster = noLinks(() => fs.writeFileSync(file, OLD, { mode: 0o600 }));
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults(faster) });
    expect(await storage.replace(null, NEW)).toBe(false);
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });
});
