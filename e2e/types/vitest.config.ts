import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** Of the compilers only the newest, which is the fast one. */
export default defineConfig({
  test: {
    name: "types",
    ...testsOf("e2e/types", ["test/declarations.test.ts", "test/newest.test.ts"]),
    testTimeout: 60_000,
    maxConcurrency: 2,
  },
});
