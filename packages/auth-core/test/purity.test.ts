import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { compileErrors } from "./support/compile.ts";

const dist = new URL("../dist/", import.meta.url);
const built = readFileSync(new URL("index.js", dist), "utf8");
const declarations = readFileSync(new URL("index.d.ts", dist), "utf8");

describe("the built file", () => {
  it.each(["node:", "process", "Buffer", "window", "localStorage", "document", "console"])(
    "does not mention %s",
    (name) => {
      expect(built).not.toMatch(new RegExp(`\\b${name}${name.endsWith(":") ? "" : "\\b"}`));
    },
  );

  it("imports nothing", () => {
    expect(built).not.toMatch(/\b(import|require)\b/);
    expect(built).not.toMatch(/\bfrom\s*["']/);
    expect(ts.preProcessFile(built).importedFiles).toStrictEqual([]);
  });

  it("has no module-level state: only constants, patterns, classes and functions", () => {
    const source = ts.createSourceFile("index.js", built, ts.ScriptTarget.Latest, true);
    const initial = source.statements.flatMap((statement) =>
      ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ initializer }) => initializer)
        : [],
    );
    expect(initial.length).toBeGreaterThan(5);
    const constant = /^(\/.+\/[gi]?|"\w+"|[\d_e]+|Symbol\.for\(".+"\)|\[[\d, ]+\]|\{ token: "", turn: 0 \})$/;
    for (const node of initial) {
      if (node && (ts.isArrowFunction(node) || ts.isClassExpression(node))) continue;
      expect(node?.getText()).toMatch(constant);
    }
  });
});

describe("the package", () => {
  it("depends on nothing", () => {
    expect(Object.keys(manifest).filter((key) => /dependencies$/i.test(key))).toStrictEqual([]);
    expect(manifest).toMatchObject({ type: "module", sideEffects: false });
  });

  it("exports these names", async () => {
    const face: object = await import(new URL("index.js", dist).href);
    expect(Object.keys(face).sort()).toStrictEqual([
      "AuthError",
      "MAX_TOKEN_LENGTH",
      "WorkspaceAuth",
      "checkToken",
      "createAuth",
      "createAuthFetch",
      "envTokenSource",
      "isAuthError",
      "memoryTokenStorage",
      "parseWorkspaces",
      "platformOrigin",
      "redactToken",
      "validateWorkspaceId",
      "withAuth",
    ]);
    const [, exported = ""] = /export \{([^}]+)\};\s*$/.exec(declarations) ?? [];
    const types = exported.split(",").flatMap((name) => /^\s*type (\w+)\s*$/.exec(name)?.[1] ?? []);
    expect(types.sort()).toStrictEqual([
      "AccessOptions",
      "Auth",
      "AuthErrorCode",
      "AuthErrorOptions",
      "AuthEvent",
      "AuthFetchOptions",
      "AuthHeaders",
      "AuthOptions",
      "Awaitable",
      "CallOptions",
      "Env",
      "Explanation",
      "Fetch",
      "RecoverOptions",
      "SaveOptions",
      "Signal",
      "SourceKind",
      "SourceReport",
      "TokenSource",
      "TokenStorage",
      "WithAuthOptions",
      "WorkspaceEntry",
    ]);
  });
});

it("the compiler rejects everything that some runtime lacks", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.json`, {}, host);
  if (config === undefined) throw new Error("cannot read tsconfig.json");
  const globals = config.fileNames.filter((name) => name.endsWith("globals.d.ts"));
  const name = `${root}src/impure.ts`;
  const compile = (statements: string[]) =>
    compileErrors({ [name]: statements.join("\n") }, config.options, globals);

  expect(compile(["export const url = new URL(String(fetch));"])).toStrictEqual([]);
  const impure = [
    "process",
    "Buffer",
    "window",
    "localStorage",
    "document",
    "setInterval",
    "console",
    "crypto",
  ];
  const statements = ['import "node:fs";', ...impure.map((global) => `${global};`)];
  expect(compile(statements)).toStrictEqual(statements.map((_, n) => `${name}:${n + 1}`));
});
