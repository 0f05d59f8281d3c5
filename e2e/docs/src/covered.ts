import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "./documents.ts";

/** Blocks that another test runs or pins as they are. */
interface Covered {
  readonly document: RegExp;
  readonly language: string;
  /** The test file, and the name of a test or a line in it that covers these blocks. */
  readonly test: string;
  readonly name: string;
}

export const COVERED: readonly Covered[] = [
  {
    document: /^docs\/recipes\.md$/,
    language: "ts",
    test: "e2e/recipes/test/runners.test.ts",
    name: "every TypeScript recipe compiles in strict mode",
  },
  {
    document: /^docs\/recipes\.md$/,
    language: "js",
    test: "e2e/release/src/rehearsal.ts",
    name: "docs/recipes.md",
  },
  {
    document: /^docs\/storage-of-your-own\.md$/,
    language: "text",
    test: "e2e/docs/test/storage.test.ts",
    name: "in the words that the page quotes",
  },
  {
    document: /^(packages|apps)\/[a-z-]+\/api-report\.md$/,
    language: "ts",
    test: "e2e/release/test/api.test.ts",
    name: "matches its report",
  },
  {
    document: /^packages\/auth-postgres\/README\.md$/,
    language: "js",
    test: "packages/auth-postgres/test/readme.test.ts",
    name: "the README's example prints what its comments say",
  },
  {
    document: /^packages\/auth-postgres\/README\.md$/,
    language: "sql",
    test: "packages/auth-postgres/test/readme.test.ts",
    name: "the README's grants are what a role needs",
  },
  {
    document: /^packages\/auth-testing\/README\.md$/,
    language: "js",
    test: "packages/auth-testing/src/describe-token-storage.test.ts",
    name: "the suite runs under node:test, from the built package, as the README shows it",
  },
];

export const isCovered = ({ document, language }: Block): boolean =>
  COVERED.some((entry) => entry.document.test(document) && entry.language === language);

/** Stale entries: the block or the test no longer exists. */
export function outdated(blocks: readonly Block[], root: string): string[] {
  return COVERED.filter(({ document, language, test, name }) => {
    const isThere = blocks.some((block) => document.test(block.document) && block.language === language);
    return !isThere || !readFileSync(join(root, test), "utf8").includes(name);
  }).map(({ document, language }) => `${document} ${language}`);
}
