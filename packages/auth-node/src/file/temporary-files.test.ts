import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isRoot, NOBODY } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { NEW, tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { temporaryName } from "./temporary-files.ts";

afterEach(() => vi.restoreAllMocks());

const MINUTE_MS = 60_000;

/** Creates a file with this age. */
function leave(path: string, ageMs: number): void {
  if (!fs.existsSync(path)) fs.writeFileSync(path, "left behind", { mode: 0o600 });
  const then = new Date(Date.now() - ageMs);
  fs.lutimesSync(path, then, then);
}

describe("leftovers of killed saves", () => {
  test("are removed by the next save, and nothing else is", async () => {
    const { dir, names } = tokenDirectory();
    const at = (name: string) => join(dir, name);
    const [old, young, directory, link] = Array.from({ length: 4 }, temporaryName) as [
      string,
      string,
      string,
      string,
    ];
    leave(at(old), 11 * MINUTE_MS);
    leave(at(young), 9 * MINUTE_MS);
    fs.mkdirSync(at(directory));
    leave(at(directory), 60 * MINUTE_MS);
    fs.symlinkSync(at(old), at(link));
    leave(at(link), 60 * MINUTE_MS);
    const others = [
      ".auth_token.tmp",
      ".auth_token.bak",
      ".auth_token.1234.tmp",
      `x${temporaryName()}`,
      `${temporaryName()}x`,
      temporaryName().toUpperCase(),
      "notes.txt",
    ];
    for (const name of others) leave(at(name), 60 * MINUTE_MS);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(names()).toEqual([".auth_token", young, directory, link, ...others].sort());
  });

  const foreign = isRoot ? "stay" : "stay (unchecked: only root can change owners)";
  test(`that belong to another user ${foreign}`, async () => {
    const { dir, names } = tokenDirectory();
    const name = temporaryName();
    if (isRoot) {
      leave(join(dir, name), 60 * MINUTE_MS);
      fs.chownSync(join(dir, name), NOBODY, NOBODY);
    }
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(names()).toEqual(isRoot ? [".auth_token", name].sort() : [".auth_token"]);
  });

  test("are searched next to a link's target", async () => {
    const { dir, file } = tokenDirectory();
    const secrets = join(dir, "secrets");
    fs.mkdirSync(secrets);
    fs.writeFileSync(join(secrets, "token"), "old");
    fs.symlinkSync("secrets/token", file);
    leave(join(secrets, temporaryName()), 60 * MINUTE_MS);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(fs.readdirSync(secrets)).toEqual(["token"]);
  });

  test("are searched at most once in ten minutes", async () => {
    const { dir } = tokenDirectory();
    const readdir = vi.fn(poolFileSystem.readdir);
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ readdir }) });
    for (let time = 0; time < 3; time += 1) await storage.write(`${NEW}${time}`);
    expect(readdir).toHaveBeenCalledTimes(1);
    now.mockReturnValue(1_000 + 10 * MINUTE_MS);
    await storage.write(NEW);
    expect(readdir).toHaveBeenCalledTimes(2);
  });

  test("do not make a save fail", async () => {
    const { dir, text } = tokenDirectory();
    leave(join(dir, temporaryName()), 60 * MINUTE_MS);
    const [unlink, readdir] = [fails("EPERM", "unlink"), fails("EIO", "scandir")];
    await fileTokenStorage({ configsDir: dir, io: withFaults({ unlink }) }).write(NEW);
    await fileTokenStorage({ configsDir: dir, io: withFaults({ readdir }) }).write(`${NEW}2`);
    expect(text()).toBe(`${NEW}2`);
  });
});
