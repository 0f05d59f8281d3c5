import fs from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { withFaults } from "../../test/io.ts";
import { NEW, OLD, temporaryDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";
import { poolFileSystem } from "./pool-file-system.ts";

const OTHER_TOKEN = "others-s3cr3t-token-0123456789abcdef";

/** Two workspaces, one of which has a token. */
function list() {
  const root = temporaryDirectory();
  const parent = join(root, "workspaces", "https_a.example_443");
  const [own, other] = [join(parent, "a"), join(parent, "b")];
  for (const path of [own, other]) fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  fs.writeFileSync(join(other, ".auth_token"), OTHER_TOKEN, { mode: 0o600 });
  const file = join(own, ".auth_token");
  const options = { configsDir: own, root };
  return {
    root,
    own,
    other,
    file,
    options,
    storage: fileTokenStorage(options),
    otherToken: () => fs.readFileSync(join(other, ".auth_token"), "utf8"),
  };
}

describe("no link leads out of the directory of a workspace of a list", () => {
  const links: [string, (at: ReturnType<typeof list>) => void][] = [
    ["a relative link to another workspace's file", ({ file }) => fs.symlinkSync("../b/.auth_token", file)],
    ["an absolute link", ({ file, other }) => fs.symlinkSync(join(other, ".auth_token"), file)],
    [
      "a chain of links, the last of which leads out",
      ({ file, own }) => {
        fs.symlinkSync("second", file);
        fs.symlinkSync("third", join(own, "second"));
        fs.symlinkSync("../b/.auth_token", join(own, "third"));
      },
    ],
    [
      "a link through a linked directory",
      ({ file, own }) => {
        fs.symlinkSync("../b", join(own, "directory"));
        fs.symlinkSync("directory/.auth_token", file);
      },
    ],
    [
      "a link that leads out and back to another workspace's link",
      ({ file, own, other }) => {
        fs.writeFileSync(join(own, "real"), OLD, { mode: 0o600 });
        fs.symlinkSync("../a/real", join(other, "back"));
        fs.symlinkSync("../b/back", file);
      },
    ],
    [
      "a link to a secret on the host",
      ({ file, root }) => {
        fs.writeFileSync(join(root, "secret"), OTHER_TOKEN, { mode: 0o600 });
        fs.symlinkSync("../../../secret", file);
      },
    ],
  ];

  test.each(links)("%s is followed neither for reading nor for writing", async (_what, make) => {
    const at = list();
    make(at);
    const message = expect.stringMatching(/symbolic link out of the workspace's own directory.*Remove/);
    await expect(at.storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
    await expect(at.storage.write(NEW)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
    await expect(at.storage.probe()).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
    expect(await inspectTokenFile(at.options)).toMatchObject({ holdsToken: false, problem: message });
    expect(at.otherToken()).toBe(OTHER_TOKEN);
  });

  test("the same applies to a secret beside the token", async () => {
    const { options, own } = list();
    fs.symlinkSync("../b/.auth_token", join(own, ".platform_inbound_secret"));
    const secret = fileTokenStorage({ ...options, fileName: ".platform_inbound_secret" });
    await expect(secret.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    await expect(secret.write(NEW)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
  });

  test("a directory that is a link to another workspace's is rejected", async () => {
    const { root, own, otherToken } = list();
    fs.rmSync(own, { recursive: true });
    fs.symlinkSync("b", own);
    for (const at of [root, own]) {
      const storage = fileTokenStorage({ configsDir: own, root: at });
      const message = expect.stringContaining("each workspace needs its own directory");
      await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
      await expect(storage.write(NEW)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", message });
    }
    expect(otherToken()).toBe(OTHER_TOKEN);
  });

  test("links within it are read, as in a mounted Secret; a save replaces the link", async () => {
    const { storage, own, file } = list();
    fs.mkdirSync(join(own, "..2024"));
    fs.writeFileSync(join(own, "..2024", ".auth_token"), OLD, { mode: 0o600 });
    fs.symlinkSync("..2024", join(own, "..data"));
    fs.symlinkSync("..data/.auth_token", file);
    expect(await storage.read()).toBe(OLD);
    await storage.write(NEW);
    expect(await storage.read()).toBe(NEW);
    expect(fs.lstatSync(file).isFile()).toBe(true);
    expect(fs.readFileSync(join(own, "..2024", ".auth_token"), "utf8")).toBe(OLD);
  });

  test("a directory that is replaced with a link after the check is detected", async () => {
    const { options, own, file } = list();
    const inside = join(own, "inside");
    fs.mkdirSync(inside);
    fs.writeFileSync(join(inside, ".auth_token"), OLD, { mode: 0o600 });
    fs.symlinkSync("inside/.auth_token", file);
    let exchanged = false;
    const lstat = vi.fn(async (path: string) => {
      if (path === join(inside, ".auth_token") && !exchanged) {
        exchanged = true;
        fs.renameSync(inside, join(own, "away"));
        fs.symlinkSync("../b", inside);
      }
      return poolFileSystem.lstat(path);
    });
    const storage = fileTokenStorage({ ...options, io: withFaults({ lstat }) });
    await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    expect(exchanged).toBe(true);
  });

  test("a hard link to another workspace's file is not read; a save replaces it and leaves the other's", async () => {
    const { storage, file, other, otherToken } = list();
    fs.linkSync(join(other, ".auth_token"), file);
    const message = expect.stringContaining("it has 2 hard links");
    await expect(storage.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
    await storage.write(NEW);
    expect(await storage.read()).toBe(NEW);
    expect(otherToken()).toBe(OTHER_TOKEN);
  });

  test("a hard link left by our own killed call is ignored", async () => {
    const { storage, file, own } = list();
    await storage.write(OLD);
    fs.linkSync(file, join(own, `.auth_token.${crypto.randomUUID()}.tmp`));
    expect(await storage.read()).toBe(OLD);
  });

  test("a token for another platform than the directory's is neither read nor stored there", async () => {
    const { options, file } = list();
    const storage = fileTokenStorage({ ...options, platformUrl: "https://a.example" });
    await storage.write(OLD);
    expect(await storage.read({ platformOrigin: "https://A.example/" })).toBe(OLD);
    expect(await storage.read({ platformOrigin: "https://b.example" })).toBeNull();
    await expect(storage.write(NEW, { platformOrigin: "https://b.example" })).rejects.toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      message: expect.stringContaining("is for https://a.example, not https://b.example"),
    });
    expect(fs.readFileSync(file, "utf8")).toBe(OLD);
    expect(fs.readdirSync(dirname(file))).toEqual([".auth_token"]);
  });
});
