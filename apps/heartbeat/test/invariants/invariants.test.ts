import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { FACTOR, runs } from "../support/runs.ts";
import { loadProduct, type Product } from "./load-product.ts";
import { PROPERTIES } from "./properties.ts";

describe("the three invariants, for any events in any order", { timeout: 60_000 * FACTOR }, () => {
  let product: Product;
  beforeAll(async () => {
    product = await loadProduct();
  });

  it.each(PROPERTIES)("hold for the $name", async ({ of, runs: count, examples = [] }) => {
    await fc.assert(of(product), { ...runs(count, 13), examples });
  });
});
