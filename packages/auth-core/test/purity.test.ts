import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const built = readFileSync(new URL("../dist/index.js", import.meta.url), "utf8");

const ELSEWHERE = [
  ...["process", "Buffer", "window", "localStorage", "document", "navigator"],
  ...["console", "crypto", "setInterval"],
];

describe("the built file", () => {
  it.each(ELSEWHERE)("does not mention %s, which some runtime lacks", (name) => {
    expect(built).not.toMatch(new RegExp(`\\b${name}\\b`));
  });

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
