import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { loadProduct, type Product } from "./load-product.ts";
import { PROPERTIES } from "./properties.ts";

/** `FC_FACTOR=10` runs ten times as many cases, `FC_SEED` other ones; a failure prints seed and path. */
const factor = Number(process.env.FC_FACTOR ?? 1);
const seed = Number(process.env.FC_SEED ?? 13);

describe("the three invariants, for any events in any order", () => {
  let product: Product;
  beforeAll(async () => {
    product = await loadProduct();
  });

  it.each(Object.entries(PROPERTIES))(
    "hold for the %s",
    async (_name, { of, runs }) => {
      await fc.assert(of(product), { seed, numRuns: runs * factor });
    },
    60_000 * factor,
  );
});
