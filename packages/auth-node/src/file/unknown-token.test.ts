import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasPython, isRoot, NOBODY, runModule } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { type TokenDirectory, tokenDirectory } from "../../test/token-directory.ts";
import {
  A,
  ASIDE_A,
  ASIDE_B,
  B,
  configured,
  FROM_PYTHON,
  LIST,
  TOKEN_A,
  TOKEN_B,
  TOKEN_B2,
} from "../../test/two-platforms.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** Writes as the Python runtime does: truncates and rewrites the file. */
const writeAsPython = ({ file }: TokenDirectory, token: string) =>
  fs.writeFileSync(file, token, { mode: 0o600 });

describe("an unknown token", () => {
  test("belongs to the configured platform, because Python or a provisioner wrote it", async () => {
    const at = tokenDirectory();
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    await configured(at.dir, A).write(TOKEN_A);
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    expect(await configured(at.dir, B).read()).toBe(FROM_PYTHON);
  });

  test("comes before one that was set aside", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    expect(at.text()).toBe(FROM_PYTHON);
  });

  test("is recognized when an older program writes it back", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, B).write(TOKEN_B2);
    writeAsPython(at, TOKEN_A);
    expect(await configured(at.dir, B).read()).toBeNull();
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("is what a storage without a platform uses: it only reads and writes the file", async () => {
    const at = tokenDirectory();
    const plain = fileTokenStorage({ configsDir: at.dir });
    await plain.write(FROM_PYTHON);
    expect(at.names()).toEqual([".auth_token"]);
    await configured(at.dir, A).write(TOKEN_A);
    expect(await plain.read()).toBe(TOKEN_A);
    // Nor does that overwrite the only copy of a token with a known platform.
    await plain.write(FROM_PYTHON);
    expect(fs.readFileSync(join(at.dir, ASIDE_A), "utf8")).toBe(TOKEN_A);
  });

  test.each<[string, (list: string) => void]>([
    ["emptied", (list) => fs.writeFileSync(list, "")],
    ["cut short", (list) => fs.truncateSync(list, 40)],
    ["overwritten in part", (list) => fs.appendFileSync(list, '{"origin": 7}\nnull\n')],
    ...["httq://a.example", `${A}/`, "\u001b[2J", ""].map((origin): [string, (list: string) => void] => [
      `damaged in an origin: ${JSON.stringify(origin)}`,
      (list) => fs.writeFileSync(list, fs.readFileSync(list, "utf8").replace(A, origin)),
    ]),
    ["a directory", (list) => [fs.rmSync(list), fs.mkdirSync(list)]],
    ["a circular link", (list) => [fs.rmSync(list), fs.symlinkSync(list, list)]],
    ["too long", (list) => fs.appendFileSync(list, "\n".repeat(2_000_000))],
  ])(
    "is not sent, and not overwritten, while the list is %s: it may be another platform's",
    async (_, spoil) => {
      const at = tokenDirectory();
      await configured(at.dir, A).write(TOKEN_A);
      spoil(join(at.dir, LIST));
      const b = configured(at.dir, B);
      const message = expect.stringMatching(/\.origins.*: .*(Move|Remove) /);
      await expect(b.read()).rejects.toMatchObject({ code: "STORAGE_READ_FAILED", message });
      for (const change of [b.write(TOKEN_B), b.replace(TOKEN_A, TOKEN_B), b.remove(), b.probe()]) {
        await expect(change).rejects.toMatchObject({ message });
      }
      expect(at.text()).toBe(TOKEN_A);
      const { problem } = await inspectTokenFile({ configsDir: at.dir, platformUrl: B });
      expect(problem).toMatch(/\.origins/);
      fs.rmSync(join(at.dir, LIST), { recursive: true });
      expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    },
  );

  test("is not there after a removal by version 0.1.0, which empties the list: it is used again", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, A).remove();
    fs.writeFileSync(join(at.dir, LIST), "");
    const b = configured(at.dir, B);
    expect(await b.read()).toBeNull();
    await b.probe();
    expect(await b.replace(null, TOKEN_B)).toBe(true);
    expect([await b.read(), await configured(at.dir, A).read()]).toEqual([TOKEN_B, null]);
  });

  test("is not sent if version 0.1.0 removes it, and empties the list, while it is read", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    const io = withFaults({
      async open(path, flags, mode) {
        if (path.endsWith(LIST)) {
          fs.writeFileSync(path, "");
          fs.rmSync(at.file, { force: true });
        }
        return poolFileSystem.open(path, flags, mode);
      },
    });
    const reading = fileTokenStorage({ configsDir: at.dir, platformUrl: B, io }).read();
    await expect(reading).rejects.toMatchObject({ code: "STORAGE_READ_FAILED" });
    expect(await configured(at.dir, B).read()).toBeNull();
  });

  const asUser = isRoot ? "" : " (unchecked: only root can change owners)";
  test(`is used if no list can be stored, and replaced in place${asUser}`, () => {
    if (!isRoot) return;
    const { dir, file, names } = tokenDirectory();
    fs.writeFileSync(file, TOKEN_A, { mode: 0o600 });
    fs.chownSync(file, NOBODY, NOBODY);
    const script = `
      import { fileTokenStorage } from "@x/auth-node";
      const of = (platformUrl) => fileTokenStorage({ configsDir: ${JSON.stringify(dir)}, platformUrl });
      const first = await of("${A}").read();
      await of("${B}").write("${TOKEN_B}");
      answer([first, await of("${A}").read()]);`;
    expect(runModule(script, { uid: NOBODY })).toEqual([TOKEN_A, TOKEN_B]);
    expect(names()).toEqual([".auth_token"]);
  });
});

describe("another platform's token is never overwritten", () => {
  test("if it cannot be set aside, the save fails and changes nothing", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    const open = async (path: string, flags: number, mode?: number) => {
      if (path.endsWith(".tmp")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
      return poolFileSystem.open(path, flags, mode);
    };
    const b = fileTokenStorage({ configsDir: at.dir, platformUrl: B, io: withFaults({ open }) });
    await expect(b.write(TOKEN_B)).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(at.text()).toBe(TOKEN_A);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("if it cannot be read, the save fails and changes nothing", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    let isList = false;
    const io = withFaults({
      async open(path, ...rest) {
        isList = path.endsWith(LIST);
        return poolFileSystem.open(path, ...rest);
      },
      read: (...args) => (isList ? poolFileSystem.read(...args) : fails("EIO", "read")()),
    });
    const save = fileTokenStorage({ configsDir: at.dir, platformUrl: B, io }).write(TOKEN_B);
    await expect(save).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED", cause: { code: "EIO" } });
    expect(at.text()).toBe(TOKEN_A);
    // But invalid content is replaced.
    fs.writeFileSync(at.file, "\0");
    await configured(at.dir, B).write(TOKEN_B);
    expect(at.text()).toBe(TOKEN_B);
  });

  test("while the system fails to read the list, it is neither read, overwritten nor removed", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    const io = withFaults({
      open: (path, ...rest) =>
        path.endsWith(LIST) ? fails("EMFILE", "open")() : poolFileSystem.open(path, ...rest),
    });
    const b = fileTokenStorage({ configsDir: at.dir, platformUrl: B, io });
    const failed = (code: string) => ({ code, cause: { code: "EMFILE" } });
    await expect(b.read()).rejects.toMatchObject(failed("STORAGE_READ_FAILED"));
    await expect(b.write(TOKEN_B)).rejects.toMatchObject(failed("STORAGE_WRITE_FAILED"));
    await expect(b.remove()).rejects.toMatchObject(failed("STORAGE_WRITE_FAILED"));
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("removing a platform's token leaves it, whatever is where that token would be set aside", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    fs.mkdirSync(join(at.dir, ASIDE_B));
    await expect(configured(at.dir, B).remove()).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("removing a platform's own token leaves it, and also removes one that was set aside", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).remove();
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, A).remove();
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
    expect(await configured(at.dir, A, { tighten: false }).read()).toBeNull();
    await configured(at.dir, B).remove();
    expect(at.names()).toEqual([LIST]);
  });

  test("replacing null sets it aside as a save does", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    expect(await configured(at.dir, B).replace(TOKEN_A, TOKEN_B)).toBe(false);
    expect(await configured(at.dir, B).replace(null, TOKEN_B)).toBe(true);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
  });
});

test("after many tokens, the list is still short, and contains the stored one", async () => {
  const at = tokenDirectory();
  await configured(at.dir, A).write(TOKEN_A);
  for (let turn = 0; turn < 40; turn += 1) await configured(at.dir, B).write(`${TOKEN_B}${turn}`);
  expect(fs.readFileSync(join(at.dir, LIST), "utf8").trim().split("\n")).toHaveLength(32);
  expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  expect(await configured(at.dir, B).read()).toBe(`${TOKEN_B}39`);
});

const without = hasPython ? "" : " (unchecked: no python3)";
test(`Python reads the configured platform's token, once that was read here${without}`, async () => {
  if (!hasPython) return;
  const at = tokenDirectory();
  await configured(at.dir, A).write(TOKEN_A);
  await configured(at.dir, B).write(TOKEN_B);
  await configured(at.dir, A).read();
  const script = "import sys, pathlib; print(pathlib.Path(sys.argv[1]).read_text().strip() == sys.argv[2])";
  const { stdout } = spawnSync("python3", ["-c", script, at.file, TOKEN_A], { encoding: "utf8" });
  expect(stdout).toBe("True\n");
});
