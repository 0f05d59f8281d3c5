import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FileDisk } from "./file-disk.ts";
import type { Product } from "./load-product.ts";
import { inList, single } from "./operations.ts";
import { fail, live } from "./runner.property.ts";

const OPERATIONS = { list: inList, single };

/** The runner on real files, in one of the two layouts. */
export const filesProperty = (product: Product, layout: keyof typeof OPERATIONS) =>
  fc.asyncProperty(
    fc.array(OPERATIONS[layout], { minLength: 1, maxLength: 15, size: "max" }),
    async (operations) => {
      const directory = mkdtempSync(join(tmpdir(), "invariants-"));
      try {
        fail(await live(product, operations, (options) => new FileDisk({ ...options, layout, directory })));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
