import { defineConfig } from "vitest/config";
import { clearEnvironment } from "./e2e/environment.ts";
import { testsOf } from "./e2e/slow-tests.ts";
import { instrument } from "./e2e/stress/src/secrets/instrument.ts";

clearEnvironment();

/**
 * Slow tests share the machine with browsers, compilers and other tests, and those of a build with other builds. One that
 * fails must pass at the second try, and is reported as such; a property must not, because its next seed would hide the
 * failure.
 */
const AGAIN = { count: 1, condition: /^(?!Property failed)/ };

/** One project per package and app: `vitest run --project auth-node`. */
const project = (folder: string, options: { isolate?: boolean } = {}) => ({
  // When all that is said is searched for tokens: see `pnpm test:secrets`.
  plugins: process.env.COLLECTED_OUTPUT === undefined ? [] : [instrument],
  test: {
    name: folder.split("/")[1] ?? folder,
    root: folder,
    ...testsOf(folder, ["{src,test}/**/*.test.ts", "*.test.ts"]),
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    ...((process.env.TESTS === "slow" || process.env.CI !== undefined) && { retry: AGAIN }),
    ...options,
  },
});

export default defineConfig({
  test: {
    // Most tests wait for processes, sockets and browsers rather than for a core.
    maxWorkers: 3,
    projects: [
      // Their tests undo what they change; importing every module again for each file took a third of the time.
      project("packages/auth-core", { isolate: false }),
      project("packages/auth-node", { isolate: false }),
      project("packages/platform-client", { isolate: false }),
      project("apps/heartbeat", { isolate: false }),
      project("packages/auth-testing"),
      project("packages/auth-postgres"),
      project("apps/emulator"),
      project("e2e/docs"),
      project("e2e/recipes"),
      project("bench"),
      project("e2e/release"),
      project("e2e/stress"),
      project("e2e/mutation"),
      // In a real browser, or with a configuration of their own for other reasons.
      "packages/auth-browser",
      "e2e/browser",
      "e2e/bundlers",
      "e2e/runtimes",
      "e2e/types",
    ],
    coverage: {
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.d.ts"],
      // Of the fast tests alone, which is what `pnpm check` runs.
      thresholds: { statements: 80 },
    },
  },
});
