import { expect, it } from "vitest";
import { allDocuments } from "../src/documents.ts";

const page = allDocuments().find(({ path }) => path === "docs/troubleshooting.md") ?? expect.unreachable();
const entries = page.text.split(/^### /m).slice(1);

it("each of the thirty incidents has an entry that links to its test", () => {
  const numbers = page.links.flatMap(({ text }) => /^incident (\d+): /.exec(text)?.[1] ?? []).map(Number);
  const all = Array.from({ length: 30 }, (_, index) => index + 1);
  expect(numbers.sort((a, b) => a - b)).toEqual(all);
});

it("each entry has symptom, cause and fix", () => {
  expect(entries.length).toBeGreaterThanOrEqual(30);
  for (const entry of entries) {
    expect(entry).toMatch(/^```text$|^- \*\*Seen:\*\* /m);
    expect(entry).toMatch(/^- \*\*Why:\*\* /m);
    expect(entry).toMatch(/^- \*\*Do:\*\* /m);
  }
});
