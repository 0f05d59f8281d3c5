import { describe, expect, it } from "vitest";
import { allDocuments, parseDocument, root } from "../src/documents.ts";
import { brokenLinks, danglingReferences } from "../src/links.ts";

const documents = allDocuments();

describe("every link of every document", () => {
  it("leads to a file, a heading, a test of that name, or a known host", () => {
    expect(documents.flatMap(({ links }) => links).length).toBeGreaterThan(50);
    expect(brokenLinks(documents, documents, root)).toEqual([]);
  });

  it("has a definition if it is a reference", () => {
    expect(documents.flatMap(danglingReferences)).toEqual([]);
  });

  it("works on a registry's page too: published READMEs have no relative links", () => {
    const readmes = documents.filter(({ path }) => /^packages\/[\w-]+\/README\.md$/.test(path));
    expect(readmes).toHaveLength(6);
    expect(readmes.flatMap(({ links }) => links).filter(({ target }) => !/^(https:|#)/.test(target))).toEqual(
      [],
    );
  });
});

describe("a link is reported when", () => {
  const found = (markdown: string) =>
    brokenLinks([parseDocument("docs/example.md", markdown)], documents, root).map((line) =>
      line.replace(/^docs\/example\.md:/, ""),
    );

  it.each([
    ["[a](missing.md)", "leads to nothing"],
    ["![a](missing.svg)", "leads to nothing"],
    ['<img src="missing.png">', "leads to nothing"],
    ["[a](../README.md#no-such-heading)", "leads to no heading"],
    ["[a](#no-such-heading)", "leads to no heading"],
    ["[a](../../elsewhere.md)", "leads out of the repository"],
    ["[a](https://nobody.example/)", "which is not on the list"],
    ["[a](http://developer.mozilla.org/)", "is not https"],
    ["[a](https://)", "is no URL"],
    ["[incident 31: nobody knows](../packages/auth-core/test/incidents.test.ts)", "no test in that file is"],
    ["| a |\n| - |\n| [a](missing.md) |", "leads to nothing"],
    ["- a\n  - [a](missing.md)", "leads to nothing"],
    ["[a][b]\n\n[b]: missing.md", "leads to nothing"],
  ])("%s", (markdown, problem) => {
    expect(found(markdown).join()).toContain(problem);
  });

  it("is valid", () => {
    expect(
      found("# A b\n\n[a](#a-b) [b](../README.md#packages) [c](https://webkit.org/) ![d](dashboard.png)"),
    ).toEqual([]);
  });

  it("names the line", () => {
    expect(found("a\n\nb\n\n[c](missing.md)")).toEqual(["5: missing.md leads to nothing"]);
  });

  it("without a definition is dangling", () => {
    const document = parseDocument("a.md", "[a][b] [c][d] `[e][f]`\n\n[d]: #g\n");
    expect(danglingReferences(document)).toEqual(["a.md: [b] is defined nowhere"]);
  });
});
