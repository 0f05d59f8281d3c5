import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { AuthError, MAX_TOKEN_LENGTH } from "@x/auth-core";
import { describe, expect, test, vi } from "vitest";
import { isRoot, makePipe, NOBODY, runModule, storageIn } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { readFile } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { MAX_FILE_BYTES } from "./read-token-file.ts";

describe("reading a token file", () => {
  test("a missing file or directory and a dangling link mean no token", async () => {
    const { dir, file } = tokenDirectory();
    expect(await readFile(file)).toBeNull();
    expect(await readFile(join(dir, "not", "there"))).toBeNull();
    fs.symlinkSync(join(dir, "not-there"), file);
    expect(await readFile(file)).toBeNull();
  });

  test.each([
    ["as it is", OLD],
    ["with white space around it", `\r\n \t${OLD} \n\n`],
    ["with a byte order mark", `\ufeff${OLD}\n`],
    ["padded with newlines", OLD + "\n".repeat(1_000)],
  ])("a token is returned when stored %s", async (_how, text) => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, text);
    expect(await readFile(file)).toBe(OLD);
  });

  test("the longest token in the largest file is returned complete", async () => {
    const { file } = tokenDirectory();
    const token = "x".repeat(MAX_TOKEN_LENGTH);
    fs.writeFileSync(file, token.padEnd(MAX_FILE_BYTES, "\n"));
    expect(await readFile(file)).toBe(token);
  });

  test("a file behind links is read", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(join(dir, "real"), OLD);
    fs.symlinkSync("real", join(dir, "link"));
    fs.symlinkSync("link", file);
    expect(await readFile(file)).toBe(OLD);
  });

  test("a blank file means no token, after time for it to be filled", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, " \n");
    const open = vi.fn(poolFileSystem.open);
    expect(await readFile(file, { open })).toBeNull();
    expect(open.mock.calls.length).toBeGreaterThan(3);
  });

  test("reading leaves no file open", async () => {
    const { file } = tokenDirectory();
    const open = () => fs.readdirSync("/proc/self/fd").length;
    const before = fs.existsSync("/proc/self/fd") ? open() : 0;
    for (const content of [OLD, "\u0000", ""]) {
      fs.writeFileSync(file, content);
      await readFile(file).catch(() => {});
    }
    expect(fs.existsSync("/proc/self/fd") ? open() : 0).toBe(before);
  });
});

describe("incident 4: an unreadable token is distinguished from a missing one", () => {
  const unreadable = (file: string, faults: Parameters<typeof readFile>[1] = {}) =>
    readFile(file, faults).then(
      (token) => expect.unreachable(`read ${token}`),
      (error: unknown) => error as AuthError,
    );

  test.each([
    ["not UTF-8", Buffer.from([0x61, 0xff, 0xfe, 0x62]), "not UTF-8"],
    ["UTF-16", Buffer.from(`\ufeff${OLD}`, "utf16le"), "it is UTF-16 text, not UTF-8"],
    [
      "JSON on several lines",
      Buffer.from(`{\n  "auth_token": "${OLD}"\n}\n`),
      "it holds JSON, not the token alone",
    ],
    ["UTF-16 without a mark", Buffer.from(OLD, "utf16le"), "it is UTF-16 text"],
    ["UTF-16, the other way round", Buffer.from(OLD, "utf16le").swap16(), "it is UTF-16 text"],
    ["zero bytes, as a crash may leave them", Buffer.alloc(43), "does not hold a token"],
    ["a zero byte inside", `${OLD}\0${OLD}`, "does not hold a token"],
    ["two lines", `${OLD}\n${NEW}`, "does not hold a token"],
    ["letters that no header can carry", `${OLD}é`, "does not hold a token"],
    ["more than the longest token", "x".repeat(MAX_TOKEN_LENGTH + 1), "does not hold a token"],
    ["a megabyte", "x".repeat(1_048_576), "larger than any token"],
  ])("%s", async (_what, content, why) => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, content);
    const error = await unreadable(file);
    expect(error).toBeInstanceOf(AuthError);
    expect(error.code).toBe("STORAGE_READ_FAILED");
    expect(error.message).toContain(file);
    expect(error.message).toContain(why);
    expect(error.message).toMatch(/Move it away/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t|xxxx/);
  });

  test("a megabyte is not read beyond the longest token", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, "x".repeat(1_048_576));
    let bytes = 0;
    const read: FileSystem["read"] = async (...args) => {
      const length = await poolFileSystem.read(...args);
      bytes += length;
      return length;
    };
    await unreadable(file, { read });
    expect(bytes).toBeLessThan(4_096);
  });

  test("a directory", async () => {
    const { file } = tokenDirectory();
    fs.mkdirSync(file);
    expect((await unreadable(file)).message).toContain("it is a directory, not a file");
  });

  test("a pipe, without waiting for its other end", async () => {
    const { file } = tokenDirectory();
    makePipe(file);
    expect((await unreadable(file)).message).toContain("it is a pipe, not a file");
  });

  test("a device", async () => {
    expect((await unreadable("/dev/zero")).message).toContain("it is a device, not a file");
  });

  test("a path through a file", async () => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const error = await unreadable(join(file, ".auth_token"));
    expect(error).toMatchObject({ code: "STORAGE_READ_FAILED", cause: { code: "ENOTDIR" } });
    expect(error.message).toContain("not a directory");
  });

  test("circular links", async () => {
    const { dir, file } = tokenDirectory();
    fs.symlinkSync(file, join(dir, "other"));
    fs.symlinkSync(join(dir, "other"), file);
    const error = await unreadable(file);
    expect(error).toMatchObject({ code: "STORAGE_READ_FAILED", cause: { code: "ELOOP" } });
    expect(error.message).toContain("circular");
  });

  test("a file that only another user may read", async () => {
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    fs.chmodSync(file, isRoot ? 0o600 : 0o000);
    const script = `${storageIn(dir)}
      const { code, message, cause } = await storage.read().catch((error) => error);
      answer({ code, message, cause: cause?.code });`;
    const uid = isRoot ? NOBODY : process.getuid?.();
    expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toEqual({
      code: "STORAGE_READ_FAILED",
      message: expect.stringContaining(`this user (uid ${uid}) may not read it (EACCES)`),
      cause: "EACCES",
    });
  });

  test.each([
    ["a disk that fails", { read: fails("EIO", "read") }, "EIO"],
    ["a file that is exchanged at each attempt", { open: fails("ELOOP", "open") }, "Try again."],
    ["Node's permission model", { open: fails("ERR_ACCESS_DENIED", "open") }, "--allow-fs-read"],
  ])("%s", async (_, faults, why) => {
    const { file } = tokenDirectory();
    fs.writeFileSync(file, OLD);
    const { code, message } = await unreadable(file, faults);
    expect([code, message]).toEqual(["STORAGE_READ_FAILED", expect.stringContaining(why)]);
  });
});
