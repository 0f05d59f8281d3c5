import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadSources, type Mutation } from "../invariants/load-product.ts";
import { type Product, tokensProperty } from "./tokens.property.ts";

const seed = Number(process.env.FC_SEED ?? 7);
const ENTRY = fileURLToPath(new URL("./product.ts", import.meta.url));
const SAVES = "packages/auth-core/src/token-saves.ts";
const CREDENTIALS = "apps/heartbeat/src/workspace/credentials.ts";

const MUTANTS: readonly (Mutation & { readonly name: string; readonly shows: RegExp })[] = [
  {
    name: "a token is stored only by the workspace's owner",
    shows: /not stored/,
    file: CREDENTIALS,
    find: "if (token === undefined && !isNewSecret) return undefined;",
    replacement:
      "if (token === undefined && !isNewSecret) return undefined;" +
      "if (!(this.#context as unknown as { isCurrent(): boolean }).isCurrent()) return undefined;",
  },
  {
    name: "a token is stored over any stored one",
    shows: /not stored|replaced an accepted/,
    file: SAVES,
    find: "else if (!(await storage.replace(asked.text, token, options))) continue;",
    replacement: "else if ((await storage.write(token, options)) !== undefined) continue;",
  },
  {
    name: "a token replaces the one that was last read",
    shows: /not stored|replaced an accepted/,
    file: SAVES,
    find: "if (isReceived && !this.#isOlder(asked, save)) break;",
    replacement: "",
  },
  {
    name: "only the workspace's owner offers a spilled token",
    shows: /not stored/,
    file: "apps/heartbeat/src/cluster/spill.ts",
    find: "if (!isElsewhere(ref)) continue;",
    replacement: "if (isElsewhere(ref)) continue;",
  },
];

describe("the model of tokens", () => {
  it.each(MUTANTS)(
    "fails when $name",
    async ({ shows, ...mutation }) => {
      const mutated = await loadSources<Product>(ENTRY, mutation);
      const details = await fc.check(tokensProperty(mutated), { numRuns: 20_000, seed, endOnFailure: true });
      expect(String(details.errorInstance)).toMatch(shows);
    },
    120_000,
  );
});
