import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** For every `npm test`: only the newest compiler, which is the fast one. */
export default defineConfig({
  test: {
    name: "types",
    ...testsOf("e2e/types", ["test/newest.test.ts"]),
    testTimeout: 60_000,
    maxConcurrency: 2,
  },
});
