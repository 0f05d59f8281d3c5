import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { A, B, firstLayout, mounted, SECRET, start } from "../../test/first-layout.ts";
import { withFaults } from "../../test/io.ts";
import { killedBefore } from "../../test/killed.ts";
import { OLD } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { migrateFirstLayout } from "./migrate-first-layout.ts";

describe("links out of the directory are not followed", () => {
  test("the directory as a link", async () => {
    const { root, from } = firstLayout();
    const other = join(root, "workspaces", "other");
    fs.renameSync(from, other);
    fs.symlinkSync("other", from);
    await expect(start(root, A)).rejects.toMatchObject({
      code: "STORAGE_READ_FAILED",
      message: expect.stringContaining("is a symbolic link, and is not followed"),
    });
    expect(fs.readdirSync(other)).toHaveLength(2);
  });

  test.each([
    ["renamed", {}],
    ["copied", mounted],
  ])("the file as a symbolic or hard link to another workspace's, %s", async (_how, faults) => {
    for (const make of [fs.symlinkSync, fs.linkSync]) {
      const { root, from } = firstLayout();
      const other = join(root, "workspaces", "other");
      fs.mkdirSync(other);
      fs.renameSync(join(from, ".auth_token"), join(other, ".auth_token"));
      make(join(other, ".auth_token"), join(from, ".auth_token"));
      await expect(start(root, A, { io: withFaults(faults) })).rejects.toMatchObject({
        code: "STORAGE_READ_FAILED",
      });
      expect(fs.readFileSync(join(other, ".auth_token"), "utf8")).toBe(OLD);
    }
  });

  test("an invalid id", async () => {
    const { root } = firstLayout();
    const adopt = migrateFirstLayout({ configsDir: root, workspaceId: "../agent-7", platformUrl: A });
    await expect(adopt).rejects.toMatchObject({ code: "WORKSPACE_ID_INVALID" });
  });
});

describe.each([
  ["renamed", {}],
  ["copied", mounted],
])("killed at any step while it is %s", (_how, faults: Partial<FileSystem>) => {
  const killedAt = (nth: number) => {
    const killed = killedBefore(nth);
    const rename: FileSystem["rename"] = (...args) =>
      faults.rename && !killed.died() && fs.existsSync(args[0]) && fs.statSync(args[0]).isDirectory()
        ? faults.rename(...args)
        : killed.io.rename(...args);
    return { ...killed, io: { ...killed.io, rename } };
  };

  test("the next start for the same platform finds the token; another platform does not", async () => {
    for (let nth = 1, died = true; died; nth += 1) {
      const { root } = firstLayout();
      const killed = killedAt(nth);
      await start(root, A, { io: killed.io }).catch(() => {});
      died = killed.died();
      const io = withFaults(faults);
      expect((await start(root, A, { io })).token, `killed at step ${nth}`).toBe(OLD);
      expect((await start(root, B, { io })).token, `killed at step ${nth}`).toBeNull();
      const secret = await start(root, A, { io, fileName: ".platform_inbound_secret" });
      expect(secret.token).toBe(SECRET);
    }
  });

  test("a start for another platform finds it only if the first had not begun", async () => {
    for (let nth = 1, died = true; died; nth += 1) {
      const { root } = firstLayout();
      const killed = killedAt(nth);
      await start(root, A, { io: killed.io }).catch(() => {});
      died = killed.died();
      const io = withFaults(faults);
      const of = async (platform: string, fileName?: string) =>
        (await start(root, platform, { io, ...(fileName && { fileName }) })).token;
      const found = [await of(B), await of(A)];
      const secrets = [await of(B, ".platform_inbound_secret"), await of(A, ".platform_inbound_secret")];
      expect(secrets).toEqual(found.map((token) => token && SECRET));
      expect(
        [
          [OLD, null],
          [null, OLD],
        ],
        `killed at step ${nth}`,
      ).toContainEqual(found);
      if (!died) expect(found).toEqual([null, OLD]);
    }
  });
});

test("a token copied for one platform is not renamed for another after an unmount", async () => {
  for (let nth = 1, died = true; died; nth += 1) {
    const { root, from } = firstLayout();
    const killed = killedBefore(nth);
    const rename: FileSystem["rename"] = (...args) =>
      !killed.died() && args[0] === from
        ? (mounted.rename ?? killed.io.rename)(...args)
        : killed.io.rename(...args);
    await start(root, A, { io: { ...killed.io, rename } }).catch(() => {});
    died = killed.died();
    const isClaimed =
      fs.existsSync(join(root, "workspaces", ".agent-7.origins")) ||
      !fs.existsSync(join(from, ".auth_token"));
    const found = [(await start(root, B)).token, (await start(root, A)).token];
    expect(found, `killed at step ${nth}`).toEqual(isClaimed ? [null, OLD] : [OLD, null]);
  }
});
