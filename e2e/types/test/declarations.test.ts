import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

const require = createRequire(import.meta.url);
const packages = fileURLToPath(new URL("../../../packages", import.meta.url));
const typeRoots = [join(dirname(require.resolve("@types/node/package.json")), "..")];
const compiler = join(dirname(require.resolve("typescript-6.0/package.json")), "bin/tsc");

const common = `
export const platform = createAuthFetch(auth);
export const headers = () => auth.authHeaders();
export const explain = () => auth.explain();`;

/** As pnpm installs it, a project can import no package but those that it names. */
it.each([
  [
    "auth-node",
    `import { commandTokenSource, createAuthFetch, createNodeAuth, fileTokenStorage } from "@x/auth-node";
     export const source = commandTokenSource("pass");
     export const storage = fileTokenStorage();
     export const auth = createNodeAuth();`,
  ],
  [
    "auth-browser",
    `import { createAuthFetch, createBrowserAuth, indexedDbTokenStorage } from "@x/auth-browser";
     export const storage = indexedDbTokenStorage();
     export const auth = createBrowserAuth({ storage });`,
  ],
  [
    "auth-postgres",
    `import { createAuth, createAuthFetch, postgresTokenStore } from "@x/auth-postgres";
     export const store = postgresTokenStore({ url: "postgres://db.example/agents", keys: [] });
     export const storage = store.storage({ platformUrl: "https://platform.example", workspaceId: "a" });
     export const auth = createAuth({ storage });`,
  ],
])("a library that installed only %s can export what it gets from it", (name, code) => {
  const project = mkdtempSync(join(tmpdir(), "declarations-"));
  onTestFinished(() => rmSync(project, { recursive: true }));
  const installed = join(project, "node_modules/.pnpm/installed/node_modules/@x");
  for (const each of [name, "auth-core"]) {
    for (const part of ["dist", "package.json"]) {
      cpSync(join(packages, each, part), join(installed, each, part), { recursive: true });
    }
  }
  mkdirSync(join(project, "node_modules/@x"));
  symlinkSync(join(installed, name), join(project, "node_modules/@x", name));
  const options = { module: "nodenext", target: "es2022", strict: true, declaration: true, typeRoots };
  writeFileSync(join(project, "index.mts"), code + common);
  const config = { compilerOptions: { ...options, types: ["node"] }, files: ["index.mts"] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  expect(spawnSync(process.execPath, [compiler, "-p", project], { encoding: "utf8" }).stdout).toBe("");
});
