import fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isRoot, NOBODY } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { NEW, place } from "../../test/place.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { temporaryName } from "./temporary-files.ts";

afterEach(() => vi.restoreAllMocks());

const MINUTE_MS = 60_000;

/** Makes a file as old as if it had been written so long ago. */
function leave(path: string, ageMs: number): void {
  if (!fs.existsSync(path)) fs.writeFileSync(path, "left behind", { mode: 0o600 });
  const then = new Date(Date.now() - ageMs);
  fs.lutimesSync(path, then, then);
}

describe("what killed saves have left behind", () => {
  test("is swept by the next save, and nothing else is", async () => {
    const { dir, names } = place();
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

  const foreign = isRoot ? "stays" : "stays (unchecked: only root can give a file away)";
  test(`and is somebody else's ${foreign}`, async () => {
    const { dir, names } = place();
    const name = temporaryName();
    if (isRoot) {
      leave(join(dir, name), 60 * MINUTE_MS);
      fs.chownSync(join(dir, name), NOBODY, NOBODY);
    }
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(names()).toEqual(isRoot ? [".auth_token", name].sort() : [".auth_token"]);
  });

  test("is looked for beside the file that a link leads to, for that is where it is left", async () => {
    const { dir, file } = place();
    const secrets = join(dir, "secrets");
    fs.mkdirSync(secrets);
    fs.writeFileSync(join(secrets, "token"), "old");
    fs.symlinkSync("secrets/token", file);
    leave(join(secrets, temporaryName()), 60 * MINUTE_MS);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(fs.readdirSync(secrets)).toEqual(["token"]);
  });

  test("is looked for by one save in ten minutes", async () => {
    const { dir } = place();
    const readdir = vi.fn(poolFileSystem.readdir);
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ readdir }) });
    for (let time = 0; time < 3; time += 1) await storage.write(`${NEW}${time}`);
    expect(readdir).toHaveBeenCalledTimes(1);
    now.mockReturnValue(1_000 + 10 * MINUTE_MS);
    await storage.write(NEW);
    expect(readdir).toHaveBeenCalledTimes(2);
  });

  test("is no reason for a save to fail", async () => {
    const { dir, text } = place();
    leave(join(dir, temporaryName()), 60 * MINUTE_MS);
    const [unlink, readdir] = [fails("EPERM", "unlink"), fails("EIO", "scandir")];
    await fileTokenStorage({ configsDir: dir, io: withFaults({ unlink }) }).write(NEW);
    await fileTokenStorage({ configsDir: dir, io: withFaults({ readdir }) }).write(`${NEW}2`);
    expect(text()).toBe(`${NEW}2`);
  });
});
