import { describe, it } from "vitest";
import { expectDetected, mutantsOf } from "../support/mutants.ts";
import { runs } from "../support/runs.ts";
import { tokensProperty } from "./tokens.property.ts";

const PRODUCT = new URL("./product.ts", import.meta.url);
const SAVES = "packages/auth-core/src/token-saves.ts";
const CREDENTIALS = "apps/heartbeat/src/workspace/credentials.ts";

const MUTANTS = mutantsOf({
  [CREDENTIALS]: {
    "a token is stored only by the workspace's owner": {
      shows: /not stored/,
      find: "if (token === undefined && !isNewSecret) return undefined;",
      replacement:
        "if (token === undefined && !isNewSecret) return undefined;" +
        "if (!(this.#context as unknown as { isCurrent(): boolean }).isCurrent()) return undefined;",
    },
  },
  [SAVES]: {
    "a token is stored over any stored one": {
      shows: /not stored|replaced an accepted/,
      find: "else if (!(await storage.replace(asked.text, token, options))) continue;",
      replacement: "else if ((await storage.write(token, options)) !== undefined) continue;",
    },
    "a token replaces the one that was last read": {
      shows: /not stored|replaced an accepted/,
      find: "if (isReceived && !this.#isOlder(asked, save)) break;",
    },
  },
  "apps/heartbeat/src/cluster/spill.ts": {
    "only the workspace's owner offers a spilled token": {
      shows: /not stored/,
      find: "if (!isElsewhere(ref)) continue;",
      replacement: "if (isElsewhere(ref)) continue;",
    },
  },
});

describe("the model of tokens", { timeout: 120_000 }, () => {
  it.each(MUTANTS)("fails when $name", async (mutant) => {
    await expectDetected(PRODUCT, mutant, tokensProperty, runs(20_000));
  });
});
