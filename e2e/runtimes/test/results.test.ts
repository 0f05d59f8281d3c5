import { expect, it } from "vitest";
import { writtenRuntimes } from "../src/results.ts";
import { matrix } from "../src/runtimes.ts";

it("the table of results has a row for each runtime of the matrix", async () => {
  expect(await writtenRuntimes()).toEqual(matrix.map(({ name }) => name));
});
