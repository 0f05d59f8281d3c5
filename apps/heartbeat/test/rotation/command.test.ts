import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileTokenStorage } from "@x/auth-node";
import { expect, it } from "vitest";
import { directoryOf } from "../fleet-scene.ts";
import { A, B, C, D } from "../ids.ts";
import { outcome, outcomeOf } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startPlatform } from "../support/platform.ts";

async function admin(url: string, path: string, body: object = {}) {
  const headers = { authorization: "Bearer local-admin", "content-type": "application/json" };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as { auth_token: string };
}

it("each workspace of a list is rotated separately, and the exit code is the worst of all", async () => {
  const emulator = await startPlatform();
  const configsDir = temporaryDirectory();
  const stored = new Map<string, string>();
  const store = (id: string, token: string) => {
    const directory = directoryOf(configsDir, emulator.url, id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, ".auth_token"), token, { mode: 0o600 });
    stored.set(id, token);
  };
  for (const id of [A, B, C]) store(id, emulator.create(id));
  const other = (await admin(emulator.url, `/admin/workspaces/${B}/tokens`)).auth_token;
  // Created by registering, so it is not an external one.
  store(D, emulator.issue(D));
  const list = join(configsDir, "workspaces.json");
  writeFileSync(list, JSON.stringify([A, B, C, D].map((id) => ({ id }))));
  const env = { PLATFORM_URL: emulator.url, CONFIGS_DIR: configsDir };

  const all = await outcomeOf(["rotate", "--workspaces-file", list, "--all"], env);
  const tokenOf = (id: string) =>
    readFileSync(join(directoryOf(configsDir, emulator.url, id), ".auth_token"), "utf8");
  expect(all.code, all.output).toBe(1);
  const line = (id: string) => all.output.split("\n").find((text) => text.startsWith(id));
  expect(line(A)).toMatch(/: rotated: the new token is in .*\.auth_token, and the platform accepts it$/);
  expect(line(B)).toContain("another token is live, and would be revoked as well; --revoke-others continues");
  expect(all.output).toMatch(
    new RegExp(`    ${other.slice(0, 8)}…, issued less than a minute ago, never used`),
  );
  expect(line(C)).toContain(": rotated:");
  expect(line(D)).toMatch(/not rotated: 400 rotate is only valid for external.*Only external workspaces/);
  expect(all.output).toContain("4 workspaces: 2 rotated, 2 not rotated, or not completed");
  for (const id of [A, C]) expect(tokenOf(id)).not.toBe(stored.get(id));
  for (const id of [B, D]) expect(tokenOf(id)).toBe(stored.get(id));
  for (const token of [...stored.values(), other, tokenOf(A), tokenOf(C)])
    expect(all.output).not.toContain(token);

  const one = await outcomeOf(
    ["rotate", "--workspaces-file", list, "--workspace-id", B, "--revoke-others"],
    env,
  );
  expect(one.code, one.output).toBe(0);
  expect(tokenOf(B)).not.toBe(stored.get(B));
});

it("the choice of workspaces must be unambiguous", async () => {
  const configsDir = temporaryDirectory();
  const list = join(configsDir, "workspaces.json");
  writeFileSync(list, JSON.stringify([{ id: A }, { id: B }]));
  const env = { PLATFORM_URL: "http://127.0.0.1:9", CONFIGS_DIR: configsDir };
  for (const [args, why] of [
    [[], "give --all"],
    [["--all", "--workspace-id", A], "contradict each other"],
  ] as const) {
    expect(await outcomeOf(["rotate", "--workspaces-file", list, ...args], env)).toEqual(outcome(2, why));
  }
});

it("a rejected token needs an operator, exit code 5; an unknown workspace is not created", async () => {
  const emulator = await startPlatform();
  const configsDir = temporaryDirectory();
  emulator.create(A);
  writeFileSync(join(configsDir, ".auth_token"), "stale-token-0123456789abcdef", { mode: 0o600 });
  const env = { PLATFORM_URL: emulator.url, WORKSPACE_ID: A, CONFIGS_DIR: configsDir };
  expect(await outcomeOf(["rotate"], env)).toEqual(
    outcome(5, "an operator must issue a token for this workspace"),
  );
  const unknown = await outcomeOf(["rotate", "--workspace-id", B], env);
  expect(unknown.code, unknown.output).toBe(1);
  expect(emulator.workspaces().map(({ id }) => id)).toEqual([A]);
});

it("another workspace's or platform's token in MOLECULE_WORKSPACE_TOKEN_FILE is not sent, and not called old", async () => {
  const [emulator, next] = [await startPlatform(), await startPlatform()];
  const [own, shared] = [temporaryDirectory(), temporaryDirectory()];
  const save = (configsDir: string, workspaceId: string, token: string) =>
    fileTokenStorage({ configsDir, platformUrl: emulator.url, workspaceId }).write(token);
  await save(own, A, emulator.create(A));
  await save(shared, B, emulator.create(B));
  const env = { CONFIGS_DIR: own, MOLECULE_WORKSPACE_TOKEN_FILE: join(shared, ".auth_token") };

  const ofOther = await outcomeOf(["rotate"], { ...env, PLATFORM_URL: emulator.url, WORKSPACE_ID: A });
  expect(ofOther.code, ofOther.output).toBe(0);
  expect(ofOther.output).not.toContain("Remove the old token");

  next.create(B);
  const elsewhere = await outcomeOf(["rotate"], { ...env, PLATFORM_URL: next.url, WORKSPACE_ID: B });
  expect(elsewhere).toEqual(outcome(1, "there is no token here"));
  expect(next.requests).toEqual([]);
});
