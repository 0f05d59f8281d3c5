import { describe, expect, it } from "vitest";
import { problemsIn } from "../src/blocks.ts";
import { compileBlocks } from "../src/code.ts";
import { COVERED, isCovered, outdated } from "../src/covered.ts";
import { allDocuments, type Block, root } from "../src/documents.ts";
import { examplesInComments } from "../src/examples.ts";

const blocks = allDocuments().flatMap((document) => document.blocks);
const own = blocks.filter((block) => !isCovered(block));

describe("every block of every document", () => {
  it("is in a supported language, and valid", () => {
    expect(own.length).toBeGreaterThan(20);
    expect(own.flatMap(problemsIn)).toEqual([]);
  }, 60_000);

  it("compiles against the built packages if it is TypeScript, as does each example of the API reference", () => {
    const typescript = own.filter(({ language }) => language === "ts");
    const examples = examplesInComments();
    expect(typescript.length).toBeGreaterThan(10);
    expect(examples.length).toBeGreaterThan(12);
    expect(compileBlocks([...typescript, ...examples])).toBe("");
  }, 60_000);

  it("is checked here, unless another test runs it", () => {
    expect(COVERED.length).toBeGreaterThan(0);
    expect(outdated(blocks, root)).toEqual([]);
  });
});

describe("a block is reported when", () => {
  const block = (language: string, code: string): Block => ({
    location: "example.md:1",
    document: "example.md",
    language,
    code,
  });

  it.each([
    ["", "plain", "no check for “”"],
    ["rust", "fn main() {}", "no check for “rust”"],
    ["json", '{"a":1,}', "JSON"],
    ["yaml", "a: [1", "Flow sequence"],
    ["sh", "pnpm no-such-script", "package.json has no script no-such-script"],
    ["sh", "npm run demo --once", "npm keeps the flags of demo to itself"],
    ["sh", "npm run heartbeat -- run --no-such-flag", "heartbeat run knows no --no-such-flag"],
    [
      "sh",
      "A=1 heartbeat run \\\n  --interval 5 --no-such-flag=1 | cat",
      "heartbeat run knows no --no-such-flag",
    ],
    ["sh", "npm run emulator -- --no-such-flag", "emulator knows no --no-such-flag"],
    ["sh", "pnpm bench --no-such-flag", "bench knows no --no-such-flag"],
    ["sh", "pnpm --filter @x/nobody build", "@x/nobody is no package of this repository"],
    ["sh", "npm install @x/nobody", "@x/nobody is not published from here"],
    ["sh", "frobnicate", "frobnicate is an unknown program"],
    ["sh", "cat > a <<'JSON'\n[1,]\nJSON", "JSON"],
    ["mermaid", "flowchart TD\n  a -> b", "unknown statement:   a -> b"],
    ["mermaid", "pie\n  a --> b", "unknown diagram: pie"],
    ["mermaid", "sequenceDiagram\n  a ->> b: c; d", "unknown statement:   a ->> b: c; d"],
    ["text", "something that no program of ours says", "something that no program of ours says"],
  ])("%s: %s", (language, code, problem) => {
    expect(problemsIn(block(language, `${code}\n`)).join("\n")).toContain(problem);
  });

  it("does not compile", () => {
    const code = 'import { createAuth } from "@x/auth-core";\ncreateAuth({ storge: 1 });\n';
    expect(compileBlocks([block("ts", code)])).toContain("'storge' does not exist in type 'AuthOptions'");
  }, 60_000);

  it("is valid", () => {
    const log =
      "heartbeat failed: 401 invalid workspace auth token (first time; next heartbeat on schedule)\n";
    expect(problemsIn(block("text", log))).toEqual([]);
    expect(
      problemsIn(
        block("sh", "export A=1 B=2 # and more\nnpm run heartbeat -- run --interval 5 && pnpm check\n"),
      ),
    ).toEqual([]);
    expect(problemsIn(block("text", "rejected … times in a row\n"))).toEqual([]);
  });
});
