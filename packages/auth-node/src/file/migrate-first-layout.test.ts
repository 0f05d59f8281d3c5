import fs from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { canMount, RUN, runMounted } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { A, B, firstLayout, mounted, SECRET, start, toOf } from "../../test/first-layout.ts";
import { withFaults } from "../../test/io.ts";
import { NEW, OLD, temporaryDirectory } from "../../test/token-directory.ts";
import type { FileStorageEvent } from "./events.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("a directory of the first layout", () => {
  test("is renamed to its platform's, once", async () => {
    const { root, from } = firstLayout();
    fs.writeFileSync(join(from, "delegation_results.jsonl"), "{}\n");
    const events: FileStorageEvent[] = [];
    const to = toOf(root, A);
    expect(await start(root, A, { events })).toEqual({ where: { configsDir: to, root }, token: OLD });
    expect(events).toEqual([
      { type: "token-file-migrated", path: join(to, ".auth_token"), from: join(from, ".auth_token") },
    ]);
    expect(fs.readdirSync(to).sort()).toEqual([
      ".auth_token",
      ".platform_inbound_secret",
      "delegation_results.jsonl",
    ]);
    expect(fs.statSync(dirname(to)).mode & 0o777).toBe(0o700);
    expect(fs.existsSync(from)).toBe(false);
    expect((await start(root, A, { events })).token).toBe(OLD);
    expect((await start(root, B, { events })).token).toBeNull();
    expect(events).toHaveLength(1);
  });

  test("may not exist", async () => {
    const root = temporaryDirectory();
    expect(await start(root, A)).toEqual({ where: { configsDir: toOf(root, A), root }, token: null });
    expect(fs.readdirSync(root)).toEqual([]);
  });

  test("has its token and secret copied if it cannot be renamed, and is then emptied", async () => {
    const { root, from } = firstLayout();
    const events: FileStorageEvent[] = [];
    const io = withFaults(mounted);
    expect((await start(root, A, { io, events })).token).toBe(OLD);
    expect((await start(root, A, { io, fileName: ".platform_inbound_secret" })).token).toBe(SECRET);
    expect(events.map(({ type }) => type)).toEqual(["token-file-migrated", "token-file-migrated"]);
    expect(fs.readdirSync(from)).toEqual([]);
    expect(fs.readdirSync(dirname(from)).sort()).toEqual(["agent-7", "https_a.example_443"]);
    expect((await start(root, B, { io })).token).toBeNull();
    expect((await start(root, A, { io })).token).toBe(OLD);
  });

  test("is merged into an existing directory", async () => {
    const { root, from } = firstLayout();
    fs.mkdirSync(toOf(root, A), { recursive: true });
    fs.writeFileSync(join(toOf(root, A), "notes"), "");
    expect((await start(root, A)).token).toBe(OLD);
    expect(fs.readdirSync(from)).toEqual([]);
  });

  test("whose token an older runner has replaced yields that one, and the other is set aside", async () => {
    const { root, from } = firstLayout();
    await start(root, A);
    const to = toOf(root, A);
    const hourAgo = new Date(Date.now() - 3_600_000);
    fs.utimesSync(join(to, ".auth_token"), hourAgo, hourAgo);
    fs.mkdirSync(from);
    fs.writeFileSync(join(from, ".auth_token"), NEW, { mode: 0o600 });
    expect((await start(root, A)).token).toBe(NEW);
    expect(fs.readFileSync(join(to, ".auth_token.older"), "utf8")).toBe(OLD);
    // And a token older than the current one does not replace it.
    fs.writeFileSync(join(from, ".auth_token"), "older-still", { mode: 0o600 });
    fs.utimesSync(join(from, ".auth_token"), hourAgo, hourAgo);
    expect((await start(root, A)).token).toBe(NEW);
    expect(fs.readdirSync(from)).toEqual([]);
  });

  test("that cannot be emptied is still migrated for one platform, and for no other", async () => {
    const { root, from } = firstLayout();
    const unlink = async (path: string) => {
      if (dirname(path) === from) throw Object.assign(new Error("EROFS"), { code: "EROFS" });
      await poolFileSystem.unlink(path);
    };
    const io = withFaults({ ...mounted, unlink });
    const events: FileStorageEvent[] = [];
    expect((await start(root, A, { io })).token).toBe(OLD);
    expect((await start(root, B, { io, events })).token).toBeNull();
    expect(events[0]).toEqual({
      type: "token-file-of-other-platform",
      path: join(from, ".auth_token"),
      origin: A,
    });
    expect((await start(root, A, { io })).token).toBe(OLD);
    const list = join(root, "workspaces", ".agent-7.origins");
    const known = fs.readFileSync(list);
    fs.writeFileSync(list, "");
    await expect(start(root, B, { io })).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    fs.writeFileSync(list, known);
    // A token placed there later belongs to no platform yet.
    fs.writeFileSync(join(from, ".auth_token"), NEW, { mode: 0o600 });
    expect((await start(root, B, { io })).token).toBe(NEW);
  });

  test("is used unchanged if nothing can be written", async () => {
    const { root, from } = firstLayout();
    const io = withFaults({
      mkdir: fails("EROFS", "mkdir"),
      rename: fails("EROFS", "rename"),
      async open(path, flags, mode) {
        if ((flags & fs.constants.O_CREAT) !== 0) throw Object.assign(new Error("EROFS"), { code: "EROFS" });
        return poolFileSystem.open(path, flags, mode);
      },
    });
    expect(await start(root, A, { io })).toEqual({ where: { configsDir: from, root }, token: OLD });
  });

  test("is used unchanged if others can write to it: reading works, saving does not", async () => {
    const { root, from } = firstLayout();
    fs.chmodSync(join(root, "workspaces"), 0o777);
    const { where, token } = await start(root, A);
    expect({ where, token }).toEqual({ where: { configsDir: from, root }, token: OLD });
    await expect(fileTokenStorage(where).write(NEW)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
  });

  const canBeMounted = canMount ? "" : " (unchecked: cannot mount here)";
  test(`that is a mount, read-only or not, is copied${canBeMounted}`, () => {
    if (!canMount) return;
    const { root, from } = firstLayout();
    const script = `
      import { migrateFirstLayout, fileTokenStorage } from "@x/auth-node";
      const start = async (platformUrl) => {
        const options = { configsDir: ${JSON.stringify(root)}, workspaceId: "agent-7", platformUrl };
        return fileTokenStorage(await migrateFirstLayout(options)).read();
      };
      answer([await start("${A}"), await start("${B}"), await start("${A}")]);`;
    const readOnly = `mount --bind ${from} ${from}; mount -o remount,ro,bind ${from}; ${RUN}`;
    expect(runMounted(readOnly, script)).toEqual([OLD, null, OLD]);
    expect(fs.readdirSync(from)).toHaveLength(2);
    expect(runMounted(`mount --bind ${from} ${from}; ${RUN}`, script)).toEqual([OLD, null, OLD]);
    expect(fs.readdirSync(from)).toEqual([]);
  });
});
