import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transpile } from "@x/e2e-release/type-check";
import { startEmulator, workspaceId } from "@x/emulator";
import { expect, it, onTestFinished } from "vitest";
import { allDocuments } from "../src/documents.ts";
import { broken } from "../src/printed.ts";

/** Resolves the packages by name. */
const here = fileURLToPath(new URL("..", import.meta.url));
const documents = allDocuments();
const examplesOf = (path: string) =>
  documents.find((document) => document.path === path)?.blocks.filter(({ language }) => language === "ts") ??
  [];
const examples = examplesOf("README.md").map(({ code }) => code);

it.each([
  ["README.md", 100],
  ["packages/auth-core/README.md", 110],
  ["packages/auth-node/README.md", 110],
  ["packages/platform-client/README.md", 110],
  ["apps/emulator/README.md", 110],
  ["apps/heartbeat/README.md", 110],
])("%s has fewer than %i lines; reference is in docs/", (name, lines) => {
  const { text } = documents.find(({ path }) => path === name) ?? expect.unreachable();
  expect(text.split("\n").length).toBeLessThan(lines);
});

/** Pages whose examples run as written, each in isolation, with a platform on this machine. */
const RUN = [
  ...["README.md", "docs/auth.md", "docs/how-a-token-is-kept.md", "docs/coming-from-python.md"],
  ...["docs/platform-client.md", "docs/token-file.md"],
  ...["packages/auth-core/README.md", "packages/auth-node/README.md", "packages/platform-client/README.md"],
  ...["apps/emulator/README.md", "apps/heartbeat/README.md"],
];
const inNode = RUN.flatMap(examplesOf).filter(({ code }) => !code.includes("auth-browser"));

/** A platform, and a directory for the token in which scripts resolve the packages by name. */
async function setUp(id = workspaceId("agent-8")) {
  const emulator = await startEmulator();
  const token = emulator.issue(id);
  const configsDir = await mkdtemp(join(tmpdir(), "readme-"));
  onTestFinished(async () => {
    await emulator.close();
    await rm(configsDir, { recursive: true });
  });
  const platform = { PLATFORM_URL: emulator.url, MOLECULE_WORKSPACE_TOKEN: token };
  const env = { PATH: process.env.PATH, CONFIGS_DIR: configsDir, ...platform };
  const run = (code: string) => {
    const script = transpile(code.replaceAll("https://platform.example", emulator.url));
    return promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: here,
      env,
    });
  };
  return { emulator, run };
}

it.each(inNode)(
  "the example at $location prints what its comments say",
  async ({ code }) => {
    // The platform accepts the token in the environment only, so that an example with a stale one has to recover.
    const [, id] = /MOLECULE_WORKSPACE_TOKEN holds|the-token-that-the-platform-issued/.test(code)
      ? (/(?:workspaceId = "|\/workspaces\/)([0-9a-f-]{36})/.exec(code) ?? [])
      : [];
    const { run } = await setUp(id);
    const { stdout } = await run(code);
    if (code.includes("node:test")) expect(stdout).toMatch(/^. fail 0$/m);
    else expect(broken(code, stdout)).toBeNull();
  },
  60_000,
);

it.each([
  ["// one\nconsole.log(b());\nconsole.log(c); // three", "one\n2\nthree", true],
  ['// { b: "…" }', "{\n  b: 'anything'\n}\n", true],
  ["// one", "two", false],
  ["// one", "one\ntwo", false],
  ["// one", "", false],
])("an example with the comment %j that prints %j is as it says: %s", (comment, printed, isAsItSays) => {
  expect(broken(`console.log(a); ${comment}\n`, printed) === null).toBe(isAsItSays);
});

it.each(documents.filter(({ path }) => /^packages\/.*README\.md$/.test(path)))(
  "$path says to install each package that its examples import",
  ({ path, text, blocks }) => {
    const installed = [...text.matchAll(/^npm install (.+)$/gm)].flatMap(([, words = ""]) =>
      words.split(" "),
    );
    const imported = blocks.flatMap(({ code }) => [...code.matchAll(/^import .* from "(@x\/[\w-]+)/gm)]);
    expect(installed).toContain(`@x/${path.split("/")[1]}`);
    expect(installed).toEqual(expect.arrayContaining(imported.map(([, name]) => name)));
  },
);

it("the first example survives a rotation, in the same process", async () => {
  const { emulator, run } = await setUp();
  // As a provisioner does: revoke the old token, then rewrite the file.
  const rotation = `
    const path = "/emulator/workspaces/" + id + "/rotate";
    const rotated = await fetch(process.env.PLATFORM_URL + path, { method: "POST" });
    const { writeFile } = await import("node:fs/promises");
    await writeFile(process.env.CONFIGS_DIR + "/.auth_token", (await rotated.json()).auth_token);
    const last = await platform("/workspaces/" + id + "/delegations");
    console.log("after the rotation:", last.status);`;
  const [first = ""] = examples;
  const { stdout } = await run(first + rotation);
  expect(stdout).toContain("after the rotation: 200");
  expect(emulator.requests.filter(({ status }) => status === 401)).toHaveLength(1);
}, 60_000);
