import fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canMount, RUN, runMounted, startModule } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { killedBefore } from "../../test/killed.ts";
import { NEW, OLD, place } from "../../test/place.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("replacing", () => {
  test("what is expected stores the token; anything else changes nothing", async () => {
    const { dir, text, names } = place();
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

  test("compares what programs in other languages have written without the white space around it", async () => {
    const { dir, file, text } = place();
    fs.writeFileSync(file, `${OLD}\n`, { mode: 0o600 });
    expect(await fileTokenStorage({ configsDir: dir }).replace(OLD, NEW)).toBe(true);
    expect(text()).toBe(NEW);
  });

  test("nothing: also where a blank file is", async () => {
    const { dir, file, text } = place();
    fs.writeFileSync(file, "\n", { mode: 0o600 });
    expect(await fileTokenStorage({ configsDir: dir }).replace(null, NEW)).toBe(true);
    expect(text()).toBe(NEW);
  });

  test("rejects where what is there cannot be read: that is not nothing", async () => {
    const { dir, file } = place();
    fs.mkdirSync(file);
    const storage = fileTokenStorage({ configsDir: dir });
    await expect(storage.replace(null, NEW)).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    await expect(storage.replace(null, " ")).rejects.toMatchObject({ code: "TOKEN_INVALID" });
  });

  test.each([
    ["nothing", null],
    ["one token", OLD],
  ])("%s, by many at once: one wins, and its token is there", async (_what, expected) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 2, maxLength: 8 }), async (who) => {
        const { dir, text } = place();
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

  test("nothing, by several processes at once: one wins", async () => {
    const { dir, text } = place();
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const token = `${NEW}${index}`;
        const script = `
          import { fileTokenStorage } from "@x/auth-node";
          const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)} });
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
    "nothing, where files have no second names (%s), is as exclusive",
    async (code) => {
      const { dir, text, names, mode } = place();
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

  test("is not done over what another process stores between the look and the link", async () => {
    const { dir, file, text, names } = place();
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
        const { dir, file } = place();
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
  test("is no error where nothing is, and creates nothing", async () => {
    const { dir, names } = place();
    await fileTokenStorage({ configsDir: join(dir, "a", "b") }).remove();
    await fileTokenStorage({ configsDir: dir }).remove();
    expect(names()).toEqual([]);
  });

  test("takes the file, flushes its directory, and what comes next is stored anew", async () => {
    const { dir, text, names } = place();
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

  test("takes the link and what it leads to, so that the next token can be stored", async () => {
    const { dir, file } = place();
    fs.writeFileSync(join(dir, "real"), OLD, { mode: 0o600 });
    fs.symlinkSync("real", file);
    const storage = fileTokenStorage({ configsDir: dir });
    await storage.remove();
    expect(fs.readdirSync(dir)).toEqual([]);
    await storage.write(NEW);
    expect(await storage.read()).toBe(NEW);
  });

  const mounted = canMount ? "" : " (unchecked: nothing can be mounted here)";
  test(`leaves a blank file where something is mounted on it${mounted}`, () => {
    if (!canMount) return;
    const { dir, file } = place();
    const source = join(dir, "source");
    fs.writeFileSync(source, OLD, { mode: 0o600 });
    fs.writeFileSync(file, "");
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const storage = fileTokenStorage({ configsDir: ${JSON.stringify(dir)} });
      await storage.remove();
      answer(await storage.read());`;
    expect(runMounted(`mount --bind ${source} ${file}; ${RUN}`, script)).toBeNull();
    expect(fs.readFileSync(source, "utf8").trim()).toBe("");
  });

  test("says so where the disk fails", async () => {
    const { dir, file, text } = place();
    fs.writeFileSync(file, OLD, { mode: 0o600 });
    const storage = fileTokenStorage({ configsDir: dir, io: withFaults({ unlink: fails("EIO", "unlink") }) });
    await expect(storage.remove()).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      cause: { code: "EIO" },
    });
    expect(text()).toBe(OLD);
  });
});
