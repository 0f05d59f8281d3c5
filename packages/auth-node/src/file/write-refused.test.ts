import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  canMount,
  isRoot,
  makePipe,
  NOBODY,
  RUN,
  runModule,
  runMounted,
  storageIn,
} from "../../test/child.ts";
import { failFlush, fails, isDirectory } from "../../test/faults.ts";
import { writeFile } from "../../test/io.ts";
import { fsError, NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("a save is rejected, and nothing changes,", () => {
  const rejected = async (file: string, faults: Partial<FileSystem> = {}) => {
    const error = await writeFile(file, NEW, faults).then(
      () => expect.unreachable("stored"),
      (failure: Error) => failure,
    );
    expect(error).toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(error.message).toContain(file);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t/);
    return error;
  };

  test("where a link leads nowhere", async () => {
    const { dir, file, names } = tokenDirectory();
    fs.symlinkSync(join(dir, "not-there"), file);
    expect((await rejected(file)).message).toContain("a dangling symbolic link");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where links are circular", async () => {
    const { dir, file, names } = tokenDirectory();
    fs.symlinkSync(file, join(dir, "other"));
    fs.symlinkSync(join(dir, "other"), file);
    expect((await rejected(file)).message).toContain("circular (ELOOP)");
    expect(names()).toEqual([".auth_token", "other"]);
  });

  test("where there is a directory, possibly behind a link", async () => {
    const { dir, file, names } = tokenDirectory();
    fs.mkdirSync(file);
    expect((await rejected(file)).message).toContain("is a directory, not a file");
    fs.rmdirSync(file);
    fs.symlinkSync(dir, file);
    expect((await rejected(file)).message).toContain("is a directory, not a file");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where there is a pipe", async () => {
    const { file, names } = tokenDirectory();
    makePipe(file);
    expect((await rejected(file)).message).toContain("is a pipe, not a file");
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the path goes through a file", async () => {
    const { file, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    expect((await rejected(join(file, ".auth_token"))).message).toContain("not a directory (ENOTDIR)");
    expect((await rejected(join(file, "configs", ".auth_token"))).message).toContain("ENOTDIR");
    expect(text()).toBe(OLD);
  });

  test("where the directory is a dangling link", async () => {
    const { dir } = tokenDirectory();
    fs.symlinkSync(join(dir, "not-there"), join(dir, "configs"));
    expect((await rejected(join(dir, "configs", ".auth_token"))).message).toMatch(/ENOENT.*\.$/);
  });

  const mounted = canMount ? "" : " (here: with a simulated ENOSPC)";
  test(`where the disk is full: the old token stays${mounted}`, async () => {
    if (canMount) {
      const { dir } = tokenDirectory();
      const script = `${storageIn(dir)}
        await storage.write("${OLD}");
        const filler = fs.openSync(configsDir + "/filler", "w");
        try { for (;;) fs.writeSync(filler, Buffer.alloc(4096)); } catch {}
        fs.ftruncateSync(filler, fs.fstatSync(filler).size - 4096);
        const { code, cause } = await storage.write("n".repeat(16384)).catch((error) => error);
        const token = await storage.read();
        // A token that fits is stored, however full the disk is otherwise.
        await storage.write("${NEW}");
        answer({ code, cause: cause.code, token, next: await storage.read(), names: fs.readdirSync(configsDir) });`;
      expect(runMounted(`mount -t tmpfs -o size=128k,mode=700 none ${dir}; ${RUN}`, script)).toEqual({
        code: "STORAGE_WRITE_FAILED",
        cause: "ENOSPC",
        token: OLD,
        next: NEW,
        names: [".auth_token", "filler"],
      });
      return;
    }
    const { file, names, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const write = vi
      .fn(poolFileSystem.write)
      .mockImplementationOnce((fd, bytes, position) =>
        poolFileSystem.write(fd, bytes.subarray(0, 10), position),
      )
      .mockResolvedValueOnce(0);
    expect((await rejected(file, { write })).message).toContain("no space left (ENOSPC)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where a write accepts no bytes", async () => {
    const { file, names, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const write = vi.fn<FileSystem["write"]>().mockResolvedValueOnce(10).mockResolvedValueOnce(0);
    expect((await rejected(file, { write })).message).toContain("no space left (ENOSPC)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the disk fails to flush it", async () => {
    const { file, names, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const faults = failFlush("EIO", (fd) => !isDirectory(fd));
    expect(await rejected(file, faults)).toMatchObject({ cause: { code: "EIO" } });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where the file system reports the failed write only on close", async () => {
    const { file, names, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const close = async (fd: number) => {
      await poolFileSystem.close(fd);
      // As in Node, which has no name for this error.
      const { EDQUOT } = os.constants.errno;
      throw Object.assign(fsError(`Unknown system error -${EDQUOT}`, "close"), { errno: -EDQUOT });
    };
    expect((await rejected(file, { close })).message).toContain("no space left (EDQUOT)");
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });

  test("where Node's permission model allows no fsync", async () => {
    const { file, text } = tokenDirectory(OLD);
    const { message } = await rejected(file, { fsync: fails("ERR_ACCESS_DENIED", "fsync") });
    expect(message).toContain("start node without --permission.");
    expect(text()).toBe(OLD);
  });

  test("where the rename fails for an unknown reason", async () => {
    const { file, names, text } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    expect(await rejected(file, { rename: fails("EIO", "rename") })).toMatchObject({
      cause: { code: "EIO" },
    });
    expect(text()).toBe(OLD);
    expect(names()).toEqual([".auth_token"]);
  });
});

describe("when the directory", () => {
  test.each(["EINVAL", "EPERM", "EISDIR", "ENOTSUP"])(
    "cannot be flushed (%s), the save succeeds",
    async (code) => {
      const { file, text } = tokenDirectory();
      await writeFile(file, NEW, failFlush(code, isDirectory));
      expect(text()).toBe(NEW);
    },
  );

  test("may not be opened, the save succeeds", () => {
    const { dir } = tokenDirectory();
    fs.chmodSync(dir, 0o300);
    if (isRoot) fs.chownSync(dir, NOBODY, NOBODY);
    const script = `${storageIn(dir)}
      await storage.write("${NEW}");
      answer(await storage.read());`;
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toBe(NEW);
    fs.chmodSync(dir, 0o700);
  });

  test("fails to flush, the token is there, but the save rejects", async () => {
    const { file, text } = tokenDirectory();
    await expect(writeFile(file, NEW, failFlush("EIO", isDirectory))).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("the disk does not confirm it (EIO)"),
      cause: { code: "EIO" },
    });
    expect(text()).toBe(NEW);
  });
});
