import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Document, Link } from "./documents.ts";

/** The external hosts that links may lead to: known and stable ones. */
const HOSTS = [
  "api-extractor.com",
  "cheatsheetseries.owasp.org",
  "datatracker.ietf.org",
  "developer.mozilla.org",
  "stryker-mutator.io",
  "webkit.org",
];

/** The broken links of the documents, one line each. */
export function brokenLinks(
  documents: readonly Document[],
  known: readonly Document[],
  root: string,
): string[] {
  const anchorsOf = new Map([...known, ...documents].map(({ path, anchors }) => [path, anchors]));
  const anchors = (path: string) => anchorsOf.get(path) ?? anchorsOf.get(posix.join(path, "README.md"));

  function problem(link: Link): string | null {
    if (/^[a-z][a-z+.-]*:/i.test(link.target)) return problemOutside(link.target);
    const [file = "", fragment] = link.target.split("#");
    const path =
      file === ""
        ? link.document
        : posix.normalize(posix.join(posix.dirname(link.document), decodeURI(file)));
    const target = path.replace(/\/$/, "");
    if (path.startsWith("..")) return "leads out of the repository";
    if (!anchorsOf.has(target) && !existsSync(join(root, target))) return "leads to nothing";
    if (fragment !== undefined && anchors(target)?.has(fragment) !== true)
      return "leads to no heading of its document";
    if (target.endsWith(".test.ts") && !nameIsIn(link.text, target, readFileSync(join(root, target), "utf8")))
      return `is called “${link.text}”, and no test in that file is`;
    return null;
  }

  return documents
    .flatMap(({ links }) => links)
    .flatMap((link) => {
      const found = problem(link);
      return found === null ? [] : [`${link.location}: ${link.target} ${found}`];
    });
}

/** A link's text may also be the test's file name. */
const nameIsIn = (text: string, path: string, source: string) => source.includes(text) || path.endsWith(text);

function problemOutside(target: string): string | null {
  if (!URL.canParse(target)) return "is no URL";
  const { protocol, hostname } = new URL(target);
  if (hostname === "127.0.0.1") return null;
  if (protocol !== "https:") return "is not https";
  return HOSTS.includes(hostname) ? null : `leads to ${hostname}, which is not on the list of hosts`;
}

/** References like `[text][name]` without a definition: they are rendered as plain text. */
export function danglingReferences({ path, text }: Document): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\[([^\]]+)\]/g)]
    .filter(([, name = ""]) => !text.includes(`\n[${name}]: `))
    .map(([, name]) => `${path}: [${name}] is defined nowhere`);
}
