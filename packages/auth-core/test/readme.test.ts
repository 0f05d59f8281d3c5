import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type AuthErrorCode, type AuthEvent, createAuth } from "../src/index.ts";
import { compileErrors } from "./support/compile.ts";
import { startServer } from "./support/server.ts";
import { testStorage } from "./support/storage.ts";
import { newToken } from "./support/tokens.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");
const examples = [...readme.matchAll(/^```ts\n(.+?)^```/gms)].map(([, code = ""]) => code);

it.each(examples)("an example of the README prints what its comments say (%#)", async (code) => {
  const platform = await startServer(({ path, headers }, response) => {
    if (path === "/registry/register") response.end(JSON.stringify({ auth_token: newToken }));
    else if (headers.authorization !== `Bearer ${newToken}`) response.statusCode = 401;
  });
  const { outputText } = ts.transpileModule(code.replaceAll("https://platform.example", platform.origin), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  // Runs where the package resolves itself by name, as for its users.
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", outputText], {
    cwd: root,
  });
  const promised = [...code.matchAll(/console\.log\(.+\/\/ (.+)$/gm)].map(([, said = ""]) => said);
  expect((await run).stdout.trim().split("\n")).toStrictEqual(promised);
});

it("all examples of the README compile under the strictest settings", () => {
  const files = Object.fromEntries(examples.map((code, n) => [`${root}test/example-${n}.ts`, code]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [`${root}../../node_modules/@types`],
  };
  expect(compileErrors(files, options)).toStrictEqual([]);
}, 60_000);

const firstColumn = (heading: string) => {
  const [, section = ""] = readme.split(`## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  return [...table.matchAll(/^\| `(\S+)` *\|/gm)].map(([, name = ""]) => name).sort();
};

describe("the README", () => {
  it("has several examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  it("lists every error code", () => {
    const codes: Record<AuthErrorCode, true> = {
      ORG_ID_INVALID: true,
      PLATFORM_URL_INVALID: true,
      TOKEN_INVALID: true,
      WORKSPACES_INVALID: true,
      WORKSPACE_ID_INVALID: true,
      PLATFORM_UNKNOWN: true,
      REDIRECT_REJECTED: true,
      STORAGE_CONFLICT: true,
      STORAGE_READ_FAILED: true,
      STORAGE_WRITE_FAILED: true,
      OPTIONS_INVALID: true,
      TOKEN_REJECTED: true,
      WORKSPACE_REMOVED: true,
    };
    expect(firstColumn("Errors")).toStrictEqual(Object.keys(codes).sort());
  });

  it("lists every event", () => {
    const types: Record<AuthEvent["type"], true> = {
      "save-conflict": true,
      "save-failed": true,
      "source-failed": true,
      "sources-disagree": true,
      "storage-changed": true,
      "token-rejected": true,
      "token-rotated": true,
      "token-saved": true,
    };
    expect(firstColumn("Events")).toStrictEqual(Object.keys(types).sort());
  });

  it("lists every header", async () => {
    const env = { PLATFORM_URL: "https://platform.example", MOLECULE_ORG_ID: "org" };
    const headers = await createAuth({ storage: testStorage("token"), env }).selfSourceHeaders("agent-7");
    expect(firstColumn("Headers")).toStrictEqual(Object.keys(headers).sort());
  });
});
