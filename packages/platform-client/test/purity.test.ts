import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { complaints, root } from "./support/compile.ts";

const built = readFileSync(`${root}dist/index.js`, "utf8");

describe("the built file", () => {
  it.each(["node:", "process", "Buffer", "window", "localStorage", "document", "console", "require"])(
    "does not use %s",
    (name) => {
      const code = ts.transpileModule(built, {
        compilerOptions: { removeComments: true, target: ts.ScriptTarget.ES2022 },
      });
      expect(code.outputText).not.toMatch(new RegExp(`\\b${name}${name.endsWith(":") ? "" : "\\b"}`));
    },
  );

  it("imports auth-core and nothing else", () => {
    const imported = ts.preProcessFile(built).importedFiles.map(({ fileName }) => fileName);
    expect([...new Set(imported)]).toEqual(["@x/auth-core"]);
    expect(manifest).toMatchObject({ type: "module", sideEffects: false });
    expect(Object.keys(manifest.dependencies)).toEqual(["@x/auth-core"]);
  });

  it("exports these names", async () => {
    const face: object = await import(`${root}dist/index.js`);
    expect(Object.keys(face).sort()).toEqual([
      "advice",
      "createCircuitBreaker",
      "createPlatformClient",
      "createPlatformClients",
      "createRedactor",
      "fetchTransport",
      "isUuid",
      "needsAction",
      "networkErrorCode",
      "parseActivity",
      "parseDelegations",
      "planRegistration",
      "printable",
    ]);
  });
});

it("the compiler rejects everything that some runtime lacks", () => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.json`, {}, host);
  const globals = config?.fileNames.filter((name) => name.endsWith("globals.d.ts"));
  const name = `${root}src/impure.ts`;
  const compile = (statements: string[]) =>
    complaints({ [name]: statements.join("\n") }, config?.options ?? {}, globals);
  expect(compile(["export const time = performance.now() + Number(URL.canParse(''));"])).toEqual([]);
  const impure = ["process", "Buffer", "window", "localStorage", "document", "console", "navigator"];
  const statements = ['import "node:fs";', ...impure.map((global) => `${global};`)];
  expect(compile(statements)).toEqual(statements.map((_, index) => `${name}:${index + 1}`));
});
