import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

/** Tests over several pages, driven from Node: reloads, tabs, workers, browsers that deny storage. */
export default defineConfig({
  test: {
    name: "browser-stories",
    ...testsOf("e2e/browser"),
    testTimeout: 30_000,
  },
});
