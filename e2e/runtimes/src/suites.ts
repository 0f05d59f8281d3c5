import { memoryTokenStorage } from "@x/auth-core";
import { describeTokenStorage } from "@x/auth-testing";
import { storages } from "./browser/storages.ts";
import { tabs } from "./browser/tabs.ts";
import { headers } from "./core/headers.ts";
import { secrets } from "./core/secrets.ts";
import { sending } from "./core/sending.ts";
import { type Outcome, run, type Suite } from "./harness.ts";
import type { Setting } from "./traits.ts";

export type Outcomes = Readonly<Record<string, Outcome>>;

/** The suites for every runtime, by package. */
const everywhere: Readonly<Record<string, readonly ((setting: Setting) => Suite)[]>> = {
  "auth-core": [
    () => headers,
    () => secrets,
    sending,
    () => (runner) => {
      describeTokenStorage("memory", () => ({ storage: memoryTokenStorage() }), runner);
    },
  ],
  "auth-browser": [tabs, storages],
};

/** Runs these suites and those for specific runtimes. */
export async function runSuites(
  setting: Setting,
  more: Readonly<Record<string, Suite>> = {},
): Promise<Outcomes> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, suites] of Object.entries(everywhere)) {
    outcomes[name] = await run((runner) => {
      for (const suite of suites) suite(setting)(runner);
    });
  }
  for (const [name, suite] of Object.entries(more)) outcomes[name] = await run(suite);
  return outcomes;
}
