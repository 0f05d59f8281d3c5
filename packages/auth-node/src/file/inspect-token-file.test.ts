import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { isRoot, makePipe, NOBODY, runModule } from "../../test/child.ts";
import { OLD, tokenDirectory } from "../../test/token-directory.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";

afterEach(() => vi.unstubAllGlobals());

const us = process.getuid?.();

/** Everything that an inspection could change, except the access time. */
function state(dir: string): unknown {
  return [dir, ...fs.readdirSync(dir).map((name) => join(dir, name))].map((path) => {
    const { mode, uid, size, ino, mtimeMs, ctimeMs } = fs.lstatSync(path);
    return { path, mode, uid, size, ino, mtimeMs, ctimeMs };
  });
}

/** Inspects, and checks that nothing changed and no token leaked. */
async function inspectDir(dir: string) {
  const before = state(dir);
  const report = await inspectTokenFile({ configsDir: dir });
  expect(state(dir)).toEqual(before);
  expect(inspect(report, { depth: 9 })).not.toContain("s3cr3t");
  return report;
}

test("a missing file is reported with its path", async () => {
  const { dir, file } = tokenDirectory();
  expect(await inspectDir(dir)).toEqual({
    path: file,
    source: "option",
    exists: false,
    kind: null,
    linkTarget: null,
    mode: null,
    uid: null,
    size: null,
    ours: null,
    readableByOthers: false,
    directoryWritableByOthers: null,
    otherPlatform: null,
    otherWorkspace: null,
    holdsToken: false,
    problem: null,
  });
});

test("our own token file, with correct permissions", async () => {
  const { dir, file } = tokenDirectory(OLD);
  expect(await inspectDir(dir)).toEqual({
    path: file,
    source: "option",
    exists: true,
    kind: "file",
    linkTarget: null,
    mode: 0o600,
    uid: us,
    size: OLD.length,
    ours: true,
    readableByOthers: false,
    directoryWritableByOthers: null,
    otherPlatform: null,
    otherWorkspace: null,
    holdsToken: true,
    problem: null,
  });
});

test("a file that others may read is reported, and unchanged", async () => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, OLD);
  fs.chmodSync(file, 0o644);
  expect(await inspectDir(dir)).toMatchObject({ mode: 0o644, readableByOthers: true, holdsToken: true });
});

const foreign = isRoot ? "" : " (unchecked: only root can change owners)";
test(`another user's file${foreign}`, async () => {
  if (!isRoot) return;
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, OLD);
  fs.chownSync(file, NOBODY, NOBODY);
  expect(await inspectDir(dir)).toMatchObject({ uid: NOBODY, ours: false });
});

test("a blank file holds no token, and is not a problem", async () => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, "\n");
  expect(await inspectDir(dir)).toMatchObject({ exists: true, size: 1, holdsToken: false, problem: null });
});

test("incident 4: an unreadable file is a problem, with what to do", async () => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, `${OLD}\0`);
  expect(await inspectDir(dir)).toMatchObject({
    exists: true,
    holdsToken: false,
    problem: expect.stringContaining("does not hold a token"),
  });
  fs.rmSync(file);
  fs.mkdirSync(file);
  expect(await inspectDir(dir)).toMatchObject({
    kind: "directory",
    problem: expect.stringContaining("a directory"),
  });
  fs.rmdirSync(file);
  makePipe(file);
  expect(await inspectDir(dir)).toMatchObject({
    kind: "pipe",
    readableByOthers: false,
    problem: expect.stringContaining("a pipe"),
  });
});

test("incident 4: a file without read permission is a problem", () => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, OLD);
  fs.chmodSync(file, isRoot ? 0o600 : 0o000);
  const script = `
    import { inspectTokenFile } from "@x/auth-node";
    answer(await inspectTokenFile({ env: { CONFIGS_DIR: ${JSON.stringify(dir)} } }));`;
  expect(runModule(script, isRoot ? { uid: NOBODY } : {})).toMatchObject({
    source: "env",
    exists: true,
    ours: !isRoot,
    holdsToken: false,
    problem: expect.stringContaining("may not read it (EACCES)"),
  });
});

test("a link is followed; a dangling one is a problem", async () => {
  const { dir, file } = tokenDirectory();
  fs.symlinkSync("real", file);
  expect(await inspectDir(dir)).toMatchObject({
    exists: true,
    kind: "symlink",
    linkTarget: "real",
    readableByOthers: false,
    directoryWritableByOthers: null,
    otherPlatform: null,
    otherWorkspace: null,
    holdsToken: false,
    problem: expect.stringContaining("dangling symbolic link"),
  });
  fs.writeFileSync(join(dir, "real"), OLD, { mode: 0o600 });
  expect(await inspectDir(dir)).toMatchObject({
    kind: "file",
    linkTarget: join(fs.realpathSync(dir), "real"),
    mode: 0o600,
    holdsToken: true,
    problem: null,
  });
});

test.each([
  ["a whole header", `Authorization: Bearer ${OLD}`, "a whole Authorization header"],
  ["a JSON answer", `{"auth_token":"${OLD}"}`, "JSON"],
  ["quotes", `"${OLD}"`, "in quotes"],
])("%s instead of the token is a problem, by name", async (_what, pasted, name) => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, pasted, { mode: 0o600 });
  const { holdsToken, problem } = await inspectDir(dir);
  expect({ holdsToken, problem }).toEqual({
    holdsToken: false,
    problem: `The token in ${file} cannot be used. The token is ${name}; give the token alone.`,
  });
});

test("circular links are a problem", async () => {
  const { dir, file } = tokenDirectory();
  fs.symlinkSync(file, file);
  expect(await inspectDir(dir)).toMatchObject({
    kind: "symlink",
    holdsToken: false,
    problem: expect.stringContaining(""),
  });
});

test("without user ids, nothing is reported about the owner", async () => {
  const { dir, file } = tokenDirectory();
  fs.writeFileSync(file, OLD);
  vi.stubGlobal("process", { ...process, geteuid: undefined });
  expect(await inspectTokenFile({ configsDir: dir })).toMatchObject({ ours: null, readableByOthers: false });
});
