import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { FailureKind } from "../src/index.ts";
import { NEW_TOKEN } from "./support/client.ts";
import { complaints, root } from "./support/compile.ts";
import { startServer, unauthorized } from "./support/server.ts";

const readme = readFileSync(`${root}README.md`, "utf8");
const examples = [...readme.matchAll(/^```ts\n(.+?)^```/gms)].map(([, code = ""]) => code);

it.each(examples)("an example of the README prints what its comments say (%#)", async (code) => {
  const platform = await startServer(({ method, path, token }) => {
    if (path.startsWith("/not-the-api")) return [404, "404 page not found"];
    if (path === "/health") return [200, { status: "ok" }];
    if (path === "/registry/register") return [200, { status: "registered", auth_token: NEW_TOKEN }];
    if (method === "GET") return [404, { error: "workspace not found" }];
    return token === NEW_TOKEN ? [200, { status: "ok" }] : unauthorized;
  });
  const { outputText } = ts.transpileModule(code.replaceAll("https://platform.example", platform.origin), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  // Runs where the package resolves itself by name, as for its users.
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", outputText], {
    cwd: root,
    env: { ...process.env, MOLECULE_WORKSPACE_TOKEN: NEW_TOKEN },
  });
  const said = (await run).stdout.trim().split("\n");
  const promised = [...code.matchAll(/console\.log\(.+\/\/ (.+)$/gm)].map(([, text = ""]) => text);
  expect(promised.length).toBeGreaterThan(0);
  expect(said).toEqual(promised.flatMap((text) => Array(said.length / promised.length).fill(text)));
});

it("all examples of the README compile under the strictest settings", () => {
  const files = Object.fromEntries(examples.map((code, index) => [`${root}test/example-${index}.ts`, code]));
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
  expect(complaints(files, options)).toEqual([]);
}, 60_000);

describe("the README", () => {
  it("lists every kind of failure", () => {
    const kinds: Record<FailureKind, true> = {
      unauthorized: true,
      forbidden: true,
      not_found: true,
      routing_error: true,
      unavailable: true,
      invalid: true,
      circuit_open: true,
      aborted: true,
    };
    const [, section = ""] = readme.split("| `failure.kind`");
    const [table = ""] = section.split("\n\n");
    const listed = [...table.matchAll(/^\| `(\w+)` *\|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys(kinds).sort());
  });
});
