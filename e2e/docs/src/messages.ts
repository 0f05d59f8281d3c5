import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./documents.ts";

/** The sources of user-visible texts. */
const SOURCES = [
  "packages/auth-core/src",
  "packages/auth-node/src",
  "packages/auth-postgres/src",
  "packages/auth-testing/src",
  "packages/platform-client/src",
  "apps/heartbeat/src",
  "apps/emulator/src",
];

/** Stands for an interpolated value. */
const VALUE = "\0";

/** Every text in the code, as a pattern with wildcards for its values, and its fixed parts. */
interface Said {
  readonly examples: readonly RegExp[];
  readonly parts: readonly string[];
}

/** The minimum number of fixed letters in a text: a text of only values would match everything. */
const MIN_FIXED_LETTERS = 6;

const said: Said = (() => {
  const texts = textsInCode();
  return {
    examples: texts
      .filter((text) => text.includes(VALUE) && text.replaceAll(/[^a-z]/gi, "").length >= MIN_FIXED_LETTERS)
      .map((text) => new RegExp(`^${text.split(VALUE).map(literal).join(".*")}$`)),
    parts: texts.flatMap((text) => text.split(VALUE)),
  };
})();

/**
 * The parts of a quoted text that are not in the code. A quote may have example values, or an ellipsis, where the code
 * interpolates.
 */
export function unsaid(quote: string): string[] {
  if (said.examples.some((example) => example.test(quote))) return [];
  return quote
    .split("…")
    .filter((part) => /\w/.test(part))
    .filter((part) => !said.parts.some((fixed) => fixed.includes(part)));
}

function textsInCode(): readonly string[] {
  const texts = new Set<string>();
  for (const folder of SOURCES) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const path = join(root, folder, name);
      const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022);
      const visit = (node: ts.Node): void => {
        const text = textOf(node);
        if (text !== "") texts.add(text);
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
  }
  return [...texts];
}

function textOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal: { text } }) => VALUE + text).join("");
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return (textOf(node.left) || VALUE) + (textOf(node.right) || VALUE);
  return "";
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
