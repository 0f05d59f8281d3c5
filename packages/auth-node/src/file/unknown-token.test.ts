import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasPython, isRoot, NOBODY, runModule } from "../../test/child.ts";
import { fails } from "../../test/faults.ts";
import { withFaults } from "../../test/io.ts";
import { type Place, place } from "../../test/place.ts";
import {
  A,
  ASIDE_A,
  B,
  configured,
  FROM_PYTHON,
  LIST,
  TOKEN_A,
  TOKEN_B,
  TOKEN_B2,
} from "../../test/two-platforms.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** As the Python runtime writes: the file is truncated and written again. */
const writeAsPython = ({ file }: Place, token: string) => fs.writeFileSync(file, token, { mode: 0o600 });

describe("a token that nothing is known of", () => {
  test("belongs to the configured platform: Python or a provisioner has written it", async () => {
    const at = place();
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    await configured(at.dir, A).write(TOKEN_A);
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    expect(await configured(at.dir, B).read()).toBe(FROM_PYTHON);
  });

  test("goes before one that waits", async () => {
    const at = place();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    writeAsPython(at, FROM_PYTHON);
    expect(await configured(at.dir, A).read()).toBe(FROM_PYTHON);
    expect(at.text()).toBe(FROM_PYTHON);
  });

  test("is known again when an older program writes one back", async () => {
    const at = place();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, B).write(TOKEN_B2);
    writeAsPython(at, TOKEN_A);
    expect(await configured(at.dir, B).read()).toBeNull();
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  });

  test("is that of a storage that knows no platform, which reads and writes the file alone", async () => {
    const at = place();
    const plain = fileTokenStorage({ configsDir: at.dir });
    await plain.write(FROM_PYTHON);
    expect(at.names()).toEqual([".auth_token"]);
    await configured(at.dir, A).write(TOKEN_A);
    expect(await plain.read()).toBe(TOKEN_A);
    // Nor does it overwrite the only copy of a token whose platform is known.
    await plain.write(FROM_PYTHON);
    expect(fs.readFileSync(join(at.dir, ASIDE_A), "utf8")).toBe(TOKEN_A);
  });

  test.each([
    ["damaged", (list: string) => fs.writeFileSync(list, '{"origin": 7}\nnull\n{"orig')],
    ["a directory", (list: string) => fs.mkdirSync(list)],
    ["as long as no list is", (list: string) => fs.writeFileSync(list, "x".repeat(100_000))],
  ])("is there when the list is %s", async (_how, spoil) => {
    const at = place();
    await configured(at.dir, A).write(TOKEN_A);
    fs.rmSync(join(at.dir, LIST));
    spoil(join(at.dir, LIST));
    expect(await configured(at.dir, B).read()).toBe(TOKEN_A);
  });

  const asUser = isRoot ? "" : " (unchecked: only root can give a file away)";
  test(`is there where no list can be kept, and is replaced in place${asUser}`, () => {
    if (!isRoot) return;
    const { dir, file, names } = place();
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

describe("a token of another platform is never overwritten", () => {
  test("where it cannot be set aside, the save fails and everything stays", async () => {
    const at = place();
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

  test("where it cannot be read, the save fails and everything stays", async () => {
    const at = place();
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
    // What is no token, however, is replaced.
    fs.writeFileSync(at.file, "\0");
    await configured(at.dir, B).write(TOKEN_B);
    expect(at.text()).toBe(TOKEN_B);
  });

  test("removing one's own leaves it, and what waits is removed with one's own", async () => {
    const at = place();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).remove();
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, A).remove();
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
    expect(await configured(at.dir, A, { tighten: false }).read()).toBeNull();
    await configured(at.dir, B).remove();
    expect(fs.readFileSync(join(at.dir, LIST), "utf8")).not.toContain(B);
    expect(at.names()).toEqual([LIST]);
  });

  test("replacing nothing sets it aside as a save does", async () => {
    const at = place();
    await configured(at.dir, A).write(TOKEN_A);
    expect(await configured(at.dir, B).replace(TOKEN_A, TOKEN_B)).toBe(false);
    expect(await configured(at.dir, B).replace(null, TOKEN_B)).toBe(true);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
  });
});

test("many tokens later the list is still short, and knows whose the stored one is", async () => {
  const at = place();
  await configured(at.dir, A).write(TOKEN_A);
  for (let turn = 0; turn < 40; turn += 1) await configured(at.dir, B).write(`${TOKEN_B}${turn}`);
  expect(fs.readFileSync(join(at.dir, LIST), "utf8").trim().split("\n")).toHaveLength(32);
  expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
  expect(await configured(at.dir, B).read()).toBe(`${TOKEN_B}39`);
});

const without = hasPython ? "" : " (unchecked: there is no python3)";
test(`what Python reads is the configured platform's token, once that was read here${without}`, async () => {
  if (!hasPython) return;
  const at = place();
  await configured(at.dir, A).write(TOKEN_A);
  await configured(at.dir, B).write(TOKEN_B);
  await configured(at.dir, A).read();
  const script = "import sys, pathlib; print(pathlib.Path(sys.argv[1]).read_text().strip() == sys.argv[2])";
  const { stdout } = spawnSync("python3", ["-c", script, at.file, TOKEN_A], { encoding: "utf8" });
  expect(stdout).toBe("True\n");
});
