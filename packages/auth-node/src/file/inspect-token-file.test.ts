import fs from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { isRoot, makePipe, NOBODY, runModule } from "../../test/child.ts";
import { OLD, place } from "../../test/place.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";

afterEach(() => vi.unstubAllGlobals());

const us = process.getuid?.();

/** All that a look could change: everything but the time of access. */
function state(dir: string): unknown {
  return [dir, ...fs.readdirSync(dir).map((name) => join(dir, name))].map((path) => {
    const { mode, uid, size, ino, mtimeMs, ctimeMs } = fs.lstatSync(path);
    return { path, mode, uid, size, ino, mtimeMs, ctimeMs };
  });
}

/** Looks, and makes sure that it was no more than that and that no token came out of it. */
async function look(dir: string) {
  const before = state(dir);
  const report = await inspectTokenFile({ configsDir: dir });
  expect(state(dir)).toEqual(before);
  expect(inspect(report, { depth: 9 })).not.toContain("s3cr3t");
  return report;
}

test("nothing there: that is said, and where it would be", async () => {
  const { dir, file } = place();
  expect(await look(dir)).toEqual({
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
    holdsToken: false,
    problem: null,
  });
});

test("a token of ours, as it should be", async () => {
  const { dir, file } = place();
  fs.writeFileSync(file, OLD, { mode: 0o600 });
  expect(await look(dir)).toEqual({
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
    holdsToken: true,
    problem: null,
  });
});

test("a file that others may read is told, and stays as it is", async () => {
  const { dir, file } = place();
  fs.writeFileSync(file, OLD);
  fs.chmodSync(file, 0o644);
  expect(await look(dir)).toMatchObject({ mode: 0o644, readableByOthers: true, holdsToken: true });
});

const foreign = isRoot ? "" : " (unchecked: only root can give a file away)";
test(`a file of another user${foreign}`, async () => {
  if (!isRoot) return;
  const { dir, file } = place();
  fs.writeFileSync(file, OLD);
  fs.chownSync(file, NOBODY, NOBODY);
  expect(await look(dir)).toMatchObject({ uid: NOBODY, ours: false });
});

test("a blank file holds no token, and is no problem", async () => {
  const { dir, file } = place();
  fs.writeFileSync(file, "\n");
  expect(await look(dir)).toMatchObject({ exists: true, size: 1, holdsToken: false, problem: null });
});

test("incident 4: what cannot be read is a problem, with the way out", async () => {
  const { dir, file } = place();
  fs.writeFileSync(file, `${OLD}\0`);
  expect(await look(dir)).toMatchObject({
    exists: true,
    holdsToken: false,
    problem: expect.stringContaining("does not hold a token"),
  });
  fs.rmSync(file);
  fs.mkdirSync(file);
  expect(await look(dir)).toMatchObject({
    kind: "directory",
    problem: expect.stringContaining("a directory"),
  });
  fs.rmdirSync(file);
  makePipe(file);
  expect(await look(dir)).toMatchObject({
    kind: "pipe",
    readableByOthers: false,
    problem: expect.stringContaining("a pipe"),
  });
});

test("incident 4: a file that we may not read is a problem", () => {
  const { dir, file } = place();
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

test("a link is followed; one that leads nowhere is a problem", async () => {
  const { dir, file } = place();
  fs.symlinkSync("real", file);
  expect(await look(dir)).toMatchObject({
    exists: true,
    kind: "symlink",
    linkTarget: "real",
    readableByOthers: false,
    directoryWritableByOthers: null,
    otherPlatform: null,
    holdsToken: false,
    problem: expect.stringContaining("leads nowhere"),
  });
  fs.writeFileSync(join(dir, "real"), OLD, { mode: 0o600 });
  expect(await look(dir)).toMatchObject({
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
])("%s in place of the token is a problem, by its name", async (_what, pasted, name) => {
  const { dir, file } = place();
  fs.writeFileSync(file, pasted, { mode: 0o600 });
  const { holdsToken, problem } = await look(dir);
  expect({ holdsToken, problem }).toEqual({
    holdsToken: false,
    problem: `The token in ${file} cannot be used. The token is ${name}; give the token alone.`,
  });
});

test("links in a circle are a problem", async () => {
  const { dir, file } = place();
  fs.symlinkSync(file, file);
  expect(await look(dir)).toMatchObject({
    kind: "symlink",
    holdsToken: false,
    problem: expect.stringContaining(""),
  });
});

test("where there are no users, nothing is said about the owner", async () => {
  const { dir, file } = place();
  fs.writeFileSync(file, OLD);
  vi.stubGlobal("process", { ...process, geteuid: undefined });
  expect(await inspectTokenFile({ configsDir: dir })).toMatchObject({ ours: null, readableByOthers: false });
});
