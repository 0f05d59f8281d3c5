import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** With every `npm test`: the runtimes that are there anyway. */
export default defineConfig({
  test: {
    name: "runtimes",
    ...testsOf("e2e/runtimes", ["test/{harness,here,results}.test.ts"]),
    testTimeout: 30_000,
  },
});
