import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** Stories that take more than one page: reloads, tabs, workers, a browser that says no. Driven from Node. */
export default defineConfig({
  test: {
    name: "browser-stories",
    ...testsOf("e2e/browser"),
    testTimeout: 30_000,
  },
});
