import fc from "fast-check";
import { describe, it } from "vitest";
import { runs } from "../support/runs.ts";
import * as product from "./product.ts";
import { tokensProperty } from "./tokens.property.ts";

describe("two runners of one workspace, with a token that is issued once", () => {
  it("never lose it, and never replace an accepted token by a rejected one", async () => {
    await fc.assert(tokensProperty(product), runs(300));
  }, 120_000);
});
