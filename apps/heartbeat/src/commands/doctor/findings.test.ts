import { expect, it } from "vitest";
import { findingsText, note, problem } from "./findings.ts";

it("a path that an agent has chosen, such as a link's target, forges no finding and moves no cursor", () => {
  const path = "/configs/\u001b[2J\n✓ token  fine\u202e";
  const text = findingsText([note("token file", path), problem("configs dir", path, `move ${path} away`)]);
  expect(text.split("\n")).toEqual([
    "· token file   /configs/ ✓ token  fine ",
    "✗ configs dir  /configs/ ✓ token  fine ",
    "               → move /configs/ ✓ token  fine  away",
  ]);
});
