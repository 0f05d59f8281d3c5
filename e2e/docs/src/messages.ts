import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./documents.ts";

/** Where the words come from that users see. */
const SPEAKING = [
  "packages/auth-core/src",
  "packages/auth-node/src",
  "packages/auth-testing/src",
  "apps/heartbeat/src",
  "apps/emulator/src",
];

/** What stands where a value will be. */
const VALUE = "\0";

/** All texts in the code; `VALUE` stands for each value in them. */
export function textsInCode(): readonly string[] {
  const texts = new Set<string>();
  for (const folder of SPEAKING) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const path = join(root, folder, name);
      const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022);
      const visit = (node: ts.Node): void => {
        texts.add(textOf(node));
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
    return node.head.text + node.templateSpans.map(({ literal }) => VALUE + literal.text).join("");
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return (textOf(node.left) || VALUE) + (textOf(node.right) || VALUE);
  return "";
}

/**
 * The parts of a quoted text that nothing in the code says. It may be an example, with values where the code has them, or
 * have an ellipsis in the place of each.
 */
export function unsaid(quote: string, texts: readonly string[]): string[] {
  if (texts.some((text) => isExample(quote, text))) return [];
  return quote
    .split("…")
    .filter((part) => /\w/.test(part))
    .filter((part) => !texts.some((text) => text.split(VALUE).some((fixed) => fixed.includes(part))));
}

/** How many letters a text needs of its own; of one that is all values, everything would be an example. */
const ENOUGH = 6;

function isExample(quote: string, text: string): boolean {
  if (!text.includes(VALUE) || text.replaceAll(/[^a-z]/gi, "").length < ENOUGH) return false;
  const fixed = text.split(VALUE).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${fixed.join(".*")}$`).test(quote);
}
