import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** For every `npm test`: the runtimes that need no installation. */
export default defineConfig({
  test: {
    name: "runtimes",
    ...testsOf("e2e/runtimes", ["test/{harness,here,results}.test.ts"]),
    testTimeout: 30_000,
  },
});
