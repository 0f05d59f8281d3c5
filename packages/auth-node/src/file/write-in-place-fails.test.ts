import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted, storageIn } from "../../test/child.ts";
import { fails, interceptWrites, notReplaceable } from "../../test/faults.ts";
import { accessWith, writeFile } from "../../test/io.ts";
import { fsError, NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { writeInPlace } from "./write-in-place.ts";

const LONG = "long".repeat(1_000);

describe("a save that can neither replace nor overwrite the file is rejected", () => {
  test("when neither the directory nor the file may be written to", () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, 0o444);
    if (!isRoot) fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)}, tighten: false });
      const { code, message, cause } = await storage.write("${NEW}").catch((error) => error);
      answer({ code, message, cause: cause.code, token: await storage.read() });`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("it cannot be replaced (EACCES), nor written in place"),
      cause: "EACCES",
      token: OLD,
    });
    fs.chmodSync(dir, 0o700);
  });

  test("when there is no file, and the directory may not be written to", () => {
    const { dir } = tokenDirectory();
    if (!isRoot) fs.chmodSync(dir, 0o500);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const failed = async (configsDir) => {
        const { code, message } = await fileTokenStorage({ configsDir }).write("${NEW}").catch((error) => error);
        return { code, message };
      };
      const dir = ${JSON.stringify(dir)};
      answer([await failed(dir), await failed(dir + "/a/b")]);`;
    const rejection = {
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("may not write there (EACCES). Make it writable for that user"),
    };
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual([rejection, rejection]);
    fs.chmodSync(dir, 0o700);
  });

  const mounted = canMount ? "" : " (here: with a simulated error on creation)";
  test(`when the file system is read-only${mounted}`, async () => {
    const { dir, file, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    if (!canMount) {
      const faults = { open: fails("EROFS", "open") };
      await expect(writeFile(file, NEW, faults)).rejects.toThrow("the file system is read-only (EROFS)");
      expect(text()).toBe(OLD);
      return;
    }
    const script = `${storageIn(dir)}
      const { code, message } = await storage.write("${NEW}").catch((error) => error);
      answer({ code, message, tokens: [await storage.read(), await storage.read()], events });`;
    const commands = `mount --bind ${dir} ${dir}; mount -o remount,ro,bind ${dir}; ${RUN}`;
    expect(runMounted(`chmod 0644 ${file}; ${commands}`, script)).toEqual({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("the file system is read-only (EROFS). Mount it writable"),
      tokens: [OLD, OLD],
      events: [{ type: "token-file-readable-by-others", path: file, mode: 0o644, uid: process.getuid?.() }],
    });
    expect(text()).toBe(OLD);
  });

  test("when there is no space for a longer token: the old one stays", async () => {
    const { file, names, text } = tokenDirectory(OLD);
    const writes = interceptWrites(file, async (time, [fd, bytes, position], real) => {
      if (time === 1) return real(fd, bytes.subarray(0, 100), position);
      throw fsError("ENOSPC", "write");
    });
    await expect(writeFile(file, LONG, { ...notReplaceable(), ...writes })).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("What was stored before is untouched"),
      cause: { code: "ENOSPC" },
    });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("when the file has been replaced", async () => {
    const { dir, file } = tokenDirectory();
    const write = (path: string) =>
      writeInPlace(accessWith(), { path, directory: fs.statSync(dir) }, Buffer.from(NEW));
    expect(await write(join(dir, "gone"))).toMatchObject({ ok: false, touched: false });
    expect(await write("/dev/null")).toMatchObject({ ok: false, touched: false });
    fs.symlinkSync("/dev/null", file);
    expect(await write(file)).toMatchObject({ ok: false, touched: false, error: { code: "ELOOP" } });
  });
});

describe("when writing in place fails midway", () => {
  test("the error says so, and where the complete token is, without containing it", async () => {
    const { dir, file, names } = tokenDirectory(OLD);
    const writes = interceptWrites(file, async (time, [fd, bytes, position], real) => {
      if (time === 1) return real(fd, bytes.subarray(0, 5), position);
      throw fsError("EIO", "write");
    });
    const faults = { ...notReplaceable(), ...writes };
    const error = await writeFile(file, NEW, faults).catch((failure) => failure);
    const copy = names().find((name) => name.endsWith(".tmp")) ?? "none";
    expect(error).toMatchObject({ code: "STORAGE_WRITE_FAILED", cause: { code: "EIO" } });
    expect(error.message).toContain("failed midway (EIO)");
    expect(error.message).toContain(join(dir, copy));
    expect(fs.readFileSync(join(dir, copy), "utf8")).toBe(NEW);
    expect(fs.statSync(join(dir, copy)).mode & 0o777).toBe(0o600);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t/);
  });

  test("without a copy, the error says to save again, which works", async () => {
    const { file, text } = tokenDirectory(OLD);
    const open: FileSystem["open"] = async (path, ...rest) => {
      if (path.endsWith(".tmp")) throw fsError("EACCES", "open");
      return poolFileSystem.open(path, ...rest);
    };
    await expect(writeFile(file, NEW, { open, fsync: fails("EIO", "fsync") })).rejects.toThrow(
      /failed midway \(EIO\).* Save again\.$/,
    );
    await writeFile(file, NEW, { open });
    expect(text()).toBe(NEW);
  });
});
