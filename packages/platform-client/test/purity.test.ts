import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const built = readFileSync(new URL("../dist/index.js", import.meta.url), "utf8");
const { outputText: code } = ts.transpileModule(built, {
  compilerOptions: { removeComments: true, target: ts.ScriptTarget.ES2022 },
});

describe("the built file", () => {
  it.each(["process", "Buffer", "window", "localStorage", "document", "console", "require"])(
    "does not use %s, which some runtime lacks",
    (name) => {
      expect(code).not.toMatch(new RegExp(`\\b${name}\\b`));
    },
  );

  it("imports auth-core and nothing else", () => {
    const imported = ts.preProcessFile(built).importedFiles.map(({ fileName }) => fileName);
    expect([...new Set(imported)]).toEqual(["@x/auth-core"]);
  });
});
