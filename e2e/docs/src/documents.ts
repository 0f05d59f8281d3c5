import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import GithubSlugger from "github-slugger";
import { lexer, type Token } from "marked";

/** This repository's root. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A fenced block of code. */
export interface Block {
  /** `docs/durability.md:17`, for error messages. */
  readonly location: string;
  readonly document: string;
  /** Empty if the fence names none. */
  readonly language: string;
  readonly code: string;
}

/** A link or an image. */
export interface Link {
  readonly location: string;
  readonly document: string;
  /** As rendered: without line breaks. */
  readonly text: string;
  readonly target: string;
}

export interface Document {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** The fragments that GitHub generates from the headings. */
  readonly anchors: ReadonlySet<string>;
  /** Inline code in the running text. */
  readonly spans: readonly string[];
}

/** Changelogs are written at a release; other hidden folders (`.changeset`) are read only by tools. */
const isOurs = (folder: string) =>
  !["node_modules", "dist", "coverage"].includes(folder) && (folder === ".github" || !folder.startsWith("."));

/** Every document of the repository. */
export function allDocuments(): Document[] {
  return documentsIn("").map((path) => parseDocument(path, readFileSync(join(root, path), "utf8")));
}

function documentsIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    // The output of `pnpm docs:api` has copies of documents, whose links lead elsewhere.
    if (path === "docs/api") return [];
    if (entry.isDirectory()) return isOurs(entry.name) ? documentsIn(path) : [];
    return path.endsWith(".md") && entry.name !== "CHANGELOG.md" ? [path] : [];
  });
}

export function parseDocument(path: string, text: string): Document {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const spans: string[] = [];
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  let at = 0;

  /** A token's line. Tokens come in document order, so each is searched after the previous one. */
  function locationOf(raw: string): string {
    const found = text.indexOf(raw, at);
    if (found >= 0) at = found;
    return `${path}:${text.slice(0, at).split("\n").length}`;
  }

  function visit(token: Token): void {
    if (token.type === "heading") anchors.add(slugger.slug(plainText(token)));
    else if (token.type === "code") {
      const language = (token.lang ?? "").trim();
      blocks.push({ location: locationOf(token.raw), document: path, language, code: `${token.text}\n` });
    } else if (token.type === "codespan") spans.push(token.text);
    else if (token.type === "link" || token.type === "image") {
      const said = plainText(token).replaceAll(/\s+/g, " ");
      links.push({ location: locationOf(token.raw), document: path, text: said, target: token.href });
    } else if (token.type === "html") {
      for (const [, target = ""] of token.text.matchAll(/\b(?:src|srcset|href)="([^"]*)"/g))
        links.push({ location: locationOf(token.raw), document: path, text: "", target });
    }
    for (const child of childrenOf(token)) visit(child);
  }

  for (const token of lexer(text)) visit(token);
  return { path, text, blocks, links, anchors, spans };
}

/** A token's children: its inline tokens, list items or table cells. */
function childrenOf(token: Token): Token[] {
  if (token.type === "table") {
    const cells: { tokens: Token[] }[] = [token.header, ...token.rows].flat();
    return cells.flatMap(({ tokens }) => tokens);
  }
  if (token.type === "list") return token.items;
  return "tokens" in token ? (token.tokens ?? []) : [];
}

function plainText(token: Token): string {
  const children = childrenOf(token);
  if (children.length === 0) return "text" in token ? String(token.text) : "";
  return children.map(plainText).join("");
}
