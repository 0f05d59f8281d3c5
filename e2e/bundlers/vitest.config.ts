import { defineConfig } from "vitest/config";
import { testsOf } from "../slow-tests.ts";

export default defineConfig({
  test: {
    name: "bundlers",
    ...testsOf("e2e/bundlers"),
    testTimeout: 60_000,
  },
});
