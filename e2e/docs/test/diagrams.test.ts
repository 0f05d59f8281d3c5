import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { found } from "../src/diagrams/found.ts";
import { kept } from "../src/diagrams/kept.ts";
import { rotated } from "../src/diagrams/rotated.ts";

it.each(Object.entries({ found, kept, rotated }))(
  "docs/token-%s.svg is what is drawn (a change that is meant: `pnpm docs:diagrams`)",
  async (name, draw) => {
    await expect(draw()).toMatchFileSnapshot(
      fileURLToPath(new URL(`../../../docs/token-${name}.svg`, import.meta.url)),
    );
  },
);
