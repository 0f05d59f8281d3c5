import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canMount, isRoot, NOBODY, RUN, runModule, runMounted, storageIn } from "../../test/child.ts";
import { NEW, OLD, temporaryDirectory, tokenDirectory } from "../../test/token-directory.ts";
import type { FileStorageEvent } from "./events.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";

const unchecked = isRoot ? "" : " (unchecked: only root can change owners)";
const OTHER = 2002;

describe("a directory that others can write to", () => {
  test.each([0o777, 0o1777, 0o703])(
    "with mode %o: reading works, with an event, and nothing is stored",
    async (mode) => {
      const { dir, file, names } = tokenDirectory(OLD);
      fs.chmodSync(dir, mode);
      const events: FileStorageEvent[] = [];
      const storage = fileTokenStorage({ configsDir: dir, onEvent: (event) => void events.push(event) });
      for (let time = 0; time < 3; time += 1) expect(await storage.read()).toBe(OLD);
      expect(events).toEqual([
        { type: "directory-writable-by-others", path: dir, mode, uid: fs.statSync(dir).uid },
      ]);
      const why = `any user may write to it (mode ${mode.toString(8)})`;
      const rejection = { code: "STORAGE_WRITE_FAILED", message: expect.stringContaining(why) };
      await expect(storage.write(NEW)).rejects.toMatchObject(rejection);
      await expect(storage.replace(OLD, NEW)).rejects.toMatchObject(rejection);
      await expect(storage.probe()).rejects.toMatchObject(rejection);
      await expect(storage.probe()).rejects.toThrow(/chmod 700.*CONFIGS_DIR.*agent/);
      expect(await inspectTokenFile({ configsDir: dir })).toMatchObject({
        holdsToken: true,
        directoryWritableByOthers: why,
        problem: expect.stringContaining(why),
      });
      expect(names()).toEqual([".auth_token"]);
      expect(fs.readFileSync(file, "utf8")).toBe(OLD);
      // What to do: a directory below it is created for this user alone.
      await fileTokenStorage({ configsDir: join(dir, "agent") }).write(NEW);
      fs.chmodSync(dir, 0o700);
      await storage.write(NEW);
    },
  );

  test.each([0o770, 0o775, 0o2775])("with mode %o belongs to its group, which is trusted", async (mode) => {
    const { dir, text } = tokenDirectory();
    fs.chmodSync(dir, mode);
    await fileTokenStorage({ configsDir: dir }).write(NEW);
    expect(text()).toBe(NEW);
  });

  test(`because it is another user's${unchecked}`, () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory(OLD);
    fs.chownSync(file, NOBODY, NOBODY);
    fs.chownSync(dir, OTHER, NOBODY);
    fs.chmodSync(dir, 0o775);
    const script = `${storageIn(dir)}
      const token = await storage.read();
      const { code, message } = await storage.write("${NEW}").catch((error) => error);
      answer({ token, code, message, events });`;
    expect(runModule(script, { uid: NOBODY })).toEqual({
      token: OLD,
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining(`it belongs to another user (uid ${OTHER})`),
      events: [{ type: "directory-writable-by-others", path: dir, mode: 0o775, uid: OTHER }],
    });
  });

  test("anywhere between the shared root and the workspace's directory", async () => {
    const root = temporaryDirectory();
    const configsDir = join(root, "workspaces", "https_a.example_443", "a");
    const storage = fileTokenStorage({ configsDir, root });
    await storage.write(OLD);
    fs.chmodSync(join(root, "workspaces"), 0o777);
    await expect(storage.write(NEW)).rejects.toThrow(`into ${join(root, "workspaces")}`);
    await expect(storage.probe()).rejects.toThrow(`into ${join(root, "workspaces")}`);
  });

  const mounted = canMount ? "" : " (unchecked: cannot mount here)";
  test(`unless it is mounted read-only, as Secrets are, with mode 1777${mounted}`, () => {
    if (!canMount) return;
    const { dir } = tokenDirectory();
    const script = `${storageIn(dir)}
      const { problem } = await inspectTokenFile({ configsDir });
      answer({ token: await storage.read(), events, problem });`;
    const commands = `
      mount -t tmpfs -o mode=1777 none ${dir}; mkdir ${dir}/..2024; printf %s ${OLD} > ${dir}/..2024/.auth_token
      chmod 600 ${dir}/..2024/.auth_token; ln -s ..2024 ${dir}/..data; ln -s ..data/.auth_token ${dir}/.auth_token
      mount -o remount,ro ${dir}; ${RUN}`;
    expect(runMounted(commands, script)).toEqual({ token: OLD, events: [], problem: null });
  });
});

describe("another user's file at the token's path", () => {
  test(`in a directory that both may write to, is not written to${unchecked}`, () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, "");
    fs.chmodSync(file, 0o666);
    fs.chownSync(file, OTHER, OTHER);
    fs.chmodSync(dir, 0o1777);
    const script = `
      import { createNodeAuth } from "@x/auth-node";
      const auth = createNodeAuth({ configsDir: ${JSON.stringify(dir)}, env: {} });
      const { code } = await auth.saveToken("${NEW}").catch((error) => error);
      answer({ code, token: await auth.getToken() });`;
    expect(runModule(script, { uid: NOBODY })).toEqual({ code: "STORAGE_WRITE_FAILED", token: NEW });
    expect(fs.readFileSync(file, "utf8")).toBe("");
  });

  test(`is not written to if it cannot be replaced${unchecked}`, () => {
    if (!isRoot) return;
    const { dir, file } = tokenDirectory();
    fs.writeFileSync(file, "");
    fs.chmodSync(file, 0o666);
    fs.chownSync(file, OTHER, OTHER);
    const script = `${storageIn(dir)}
      const failed = async (call) => (await call().then(() => ({}), (error) => error)).message;
      answer([await failed(() => storage.write("${NEW}")), await failed(() => storage.probe())]);`;
    const not = expect.stringMatching(
      /cannot be replaced \(EACCES\), nor written in place: it belongs to another user \(uid 2002\)/,
    );
    expect(runModule(script, { uid: NOBODY })).toEqual([not, not]);
    expect(fs.readFileSync(file, "utf8")).toBe("");
  });
});
