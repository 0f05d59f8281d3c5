import fs from "node:fs";
import { join } from "node:path";
import { createAuth } from "@x/auth-core";
import { describe, expect, test } from "vitest";
import { killedBefore } from "../../test/killed.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
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
} from "../../test/two-platforms.ts";
import { createNodeAuth } from "../node-auth.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";

const ATLAS = { workspaceId: "0f8fad5b-d9cb-469f-a165-70867728950e" };
const BOREAS = { workspaceId: "7c9e6679-7425-40de-944b-e07fc1f90ae7" };
const TOKEN_ATLAS = `atlas-${TOKEN_A}`;
const TOKEN_BOREAS = `boreas-${TOKEN_A}`;
const asideFor = ({ workspaceId }: typeof ATLAS) => `${ASIDE_A}@${workspaceId}`;

/** Both workspaces have saved a token; Boreas was the last. */
async function twoWorkspaces() {
  const at = tokenDirectory();
  const atlas = configured(at.dir, A, ATLAS);
  const boreas = configured(at.dir, A, BOREAS);
  await atlas.write(TOKEN_ATLAS);
  await boreas.write(TOKEN_BOREAS);
  return { at, atlas, boreas };
}

describe("another WORKSPACE_ID over the same configs dir, and back again", () => {
  test("finds its own token each time, and never the other workspace's", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A, ATLAS).write(TOKEN_ATLAS);
    const boreas = configured(at.dir, A, BOREAS);
    expect(await boreas.read()).toBeNull();
    expect(await boreas.replace(null, TOKEN_BOREAS)).toBe(true);
    expect(at.names()).toEqual([".auth_token", LIST, asideFor(ATLAS)]);
    expect(await configured(at.dir, A, ATLAS).read()).toBe(TOKEN_ATLAS);
    expect([at.text(), ...at.names()]).toEqual([TOKEN_ATLAS, ".auth_token", LIST, asideFor(BOREAS)]);
    expect(await configured(at.dir, A, BOREAS).read()).toBe(TOKEN_BOREAS);
    expect(await configured(at.dir, B, BOREAS).read()).toBeNull();
  });

  test("the same workspace spelt otherwise keeps its token", async () => {
    const { dir } = tokenDirectory();
    await configured(dir, A, ATLAS).write(TOKEN_ATLAS);
    const workspaceId = ` ${ATLAS.workspaceId.toUpperCase()} `;
    expect(await configured(dir, A, { workspaceId }).read()).toBe(TOKEN_ATLAS);
  });

  test.each(["../../escaped", "a/b", "x".repeat(240), "Ünïcode", "a b", "."])(
    "an id that cannot be a file's name stays inside the directory: %j",
    async (workspaceId) => {
      const at = tokenDirectory();
      const odd = configured(at.dir, A, { workspaceId });
      await odd.write(TOKEN_ATLAS);
      await configured(at.dir, A, BOREAS).write(TOKEN_BOREAS);
      expect(at.names()).toEqual([
        ".auth_token",
        LIST,
        expect.stringMatching(/^\.auth_token@([0-9a-f]{64}|[\w.]+@x{128,})$/),
      ]);
      expect(await odd.read()).toBe(TOKEN_ATLAS);
    },
  );

  test("emits one event, and is shown in the location and in the report", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A, ATLAS).write(TOKEN_ATLAS);
    const boreas = configured(at.dir, A, BOREAS);
    for (let time = 0; time < 3; time += 1) expect(await boreas.read()).toBeNull();
    expect(boreas.events).toEqual([{ type: "token-file-of-other-workspace", path: at.file, ...ATLAS }]);
    expect(boreas.storage.location).toBe(
      `${at.file} (which holds a token of workspace ${ATLAS.workspaceId})`,
    );
    const inspect = (options: object) => inspectTokenFile({ configsDir: at.dir, platformUrl: A, ...options });
    const other = { otherPlatform: null, otherWorkspace: ATLAS.workspaceId };
    expect(await inspect(BOREAS)).toMatchObject({ holdsToken: true, ...other, problem: null });
    for (const options of [ATLAS, {}]) expect(await inspect(options)).toMatchObject({ otherWorkspace: null });
    expect(await inspect({ ...BOREAS, platformUrl: B })).toMatchObject({
      otherPlatform: A,
      otherWorkspace: null,
    });
  });

  test("shows where its token was read from", async () => {
    const { at } = await twoWorkspaces();
    const { storage } = configured(at.dir, A, { ...ATLAS, tighten: false });
    const auth = createAuth({ storage, platformUrl: A });
    const { sources } = await auth.explain();
    const used = sources.find(({ state }) => state === "used");
    expect(used?.location).toBe(join(at.dir, asideFor(ATLAS)));
    const restoring = configured(at.dir, A, ATLAS);
    await restoring.read();
    expect(restoring.storage.location).toBe(at.file);
  });

  test("removes its own token only", async () => {
    const { atlas, boreas } = await twoWorkspaces();
    await atlas.remove();
    expect([await atlas.read(), await boreas.read()]).toEqual([null, TOKEN_BOREAS]);
    await boreas.remove();
    expect([await atlas.read(), await boreas.read()]).toEqual([null, null]);
  });

  test("a workspace's token on another platform is another token", async () => {
    const { dir, names } = tokenDirectory();
    await configured(dir, A, ATLAS).write(TOKEN_ATLAS);
    await configured(dir, B, ATLAS).write(TOKEN_B);
    expect(names()).toContain(asideFor(ATLAS));
    expect(await configured(dir, A, ATLAS).read()).toBe(TOKEN_ATLAS);
    expect(await configured(dir, B, ATLAS).read()).toBe(TOKEN_B);
  });

  test("createNodeAuth takes the id from WORKSPACE_ID", async () => {
    const { dir } = tokenDirectory();
    const of = (env: Record<string, string>) =>
      createNodeAuth({ env: { PLATFORM_URL: A, CONFIGS_DIR: dir, ...env } });
    await of({ WORKSPACE_ID: ATLAS.workspaceId }).saveToken(TOKEN_ATLAS);
    expect(await of({ WORKSPACE_ID: BOREAS.workspaceId }).getToken()).toBeNull();
    expect(await of({ WORKSPACE_ID: ATLAS.workspaceId }).getToken()).toBe(TOKEN_ATLAS);
    expect(await of({ WORKSPACE_ID: " " }).getToken()).toBe(TOKEN_ATLAS);
    expect(await of({}).getToken()).toBe(TOKEN_ATLAS);
  });

  test("MOLECULE_WORKSPACE_TOKEN_FILE that names the same file does not give another's token away", async () => {
    const { dir, file } = tokenDirectory();
    await configured(dir, A, ATLAS).write(TOKEN_ATLAS);
    const of = (env: Record<string, string>) =>
      createNodeAuth({ env: { CONFIGS_DIR: dir, MOLECULE_WORKSPACE_TOKEN_FILE: file, ...env } });
    expect(await of({ PLATFORM_URL: A, WORKSPACE_ID: BOREAS.workspaceId }).getToken()).toBeNull();
    expect(await of({ PLATFORM_URL: B, WORKSPACE_ID: ATLAS.workspaceId }).getToken()).toBeNull();
    const elsewhere = { CONFIGS_DIR: `${dir}/none`, PLATFORM_URL: A };
    expect(await of({ ...elsewhere, WORKSPACE_ID: BOREAS.workspaceId }).getToken()).toBeNull();
    expect(await of({ ...elsewhere, WORKSPACE_ID: ATLAS.workspaceId }).getToken()).toBe(TOKEN_ATLAS);
    expect(await of(elsewhere).getToken()).toBe(TOKEN_ATLAS);
  });
});

describe("a program that names no workspace", () => {
  test("uses the file's token, whichever workspace saved it, and leaves the record of whose it is", async () => {
    const { at, boreas } = await twoWorkspaces();
    const any = configured(at.dir, A);
    expect(await any.read()).toBe(TOKEN_BOREAS);
    await any.write(TOKEN_BOREAS);
    expect(await configured(at.dir, A, ATLAS).read()).toBe(TOKEN_ATLAS);
    expect(await boreas.read()).toBe(TOKEN_BOREAS);
  });

  test("finds the workspace's token that was set aside for another platform's, the newest first", async () => {
    const { at } = await twoWorkspaces();
    await configured(at.dir, B).write(TOKEN_B);
    expect(at.names()).toEqual([".auth_token", LIST, asideFor(ATLAS), asideFor(BOREAS)]);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_BOREAS);
    expect(at.names()).toEqual([".auth_token", LIST, ASIDE_B, asideFor(ATLAS)]);
  });

  test("finds the workspace's token that was set aside if the file is gone", async () => {
    const { at } = await twoWorkspaces();
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, B).remove();
    expect(await configured(at.dir, A).read()).toBe(TOKEN_BOREAS);
    expect(await configured(at.dir, A).replace(null, FROM_PYTHON)).toBe(false);
    // As version 0.1.0 leaves it behind.
    fs.writeFileSync(join(at.dir, LIST), "");
    expect(await configured(at.dir, A).read()).toBeNull();
  });

  test("saves a token that any workspace may use, until one of them has saved it", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(FROM_PYTHON);
    const [atlas, boreas] = [configured(at.dir, A, ATLAS), configured(at.dir, A, BOREAS)];
    expect([await atlas.read(), await boreas.read()]).toEqual([FROM_PYTHON, FROM_PYTHON]);
    await configured(at.dir, B).write(TOKEN_B);
    // Moved back into the file, and from then on Atlas's.
    expect(await atlas.read()).toBe(FROM_PYTHON);
    expect(at.names()).not.toContain(ASIDE_A);
    expect(await boreas.read()).toBeNull();
  });

  test("has its token set aside, which a workspace does not take after another one has, killed at any step", async () => {
    for (let nth = 1, died = true; died; nth += 1) {
      const at = tokenDirectory();
      await configured(at.dir, A).write(FROM_PYTHON);
      await configured(at.dir, B).write(TOKEN_B);
      const killed = killedBefore(nth);
      await configured(at.dir, A, { ...ATLAS, io: killed.io }).read();
      died = killed.died();
      const list = fs.readFileSync(join(at.dir, LIST), "utf8");
      const isTaken = list.includes(ATLAS.workspaceId);
      const found = await configured(at.dir, A, { ...BOREAS, tighten: false }).read();
      expect(found, `killed at step ${nth}`).toBe(isTaken ? null : FROM_PYTHON);
      expect(await configured(at.dir, A, ATLAS).read()).toBe(FROM_PYTHON);
    }
  });

  test("removes any workspace's token of its platform, and no other's", async () => {
    const { at, atlas, boreas } = await twoWorkspaces();
    await configured(at.dir, B).write(TOKEN_B);
    await configured(at.dir, A).remove();
    expect([await atlas.read(), await boreas.read()]).toEqual([null, null]);
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
  });
});

test("a workspace does not remove a token that was set aside for any, and that another one has saved since", async () => {
  const at = tokenDirectory();
  await configured(at.dir, A, BOREAS).write(TOKEN_BOREAS);
  await configured(at.dir, B).write(TOKEN_B);
  fs.renameSync(join(at.dir, asideFor(BOREAS)), join(at.dir, ASIDE_A));
  await configured(at.dir, A, ATLAS).remove();
  expect(await configured(at.dir, A, BOREAS).read()).toBe(TOKEN_BOREAS);
});
