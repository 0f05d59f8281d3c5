import { defineConfig } from "vitest/config";

/** The tests that run against each mutant of auth-core: all but those that read other files of the repository. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/{incidents,model,pollution,races,races-of-sources,secrets}.test.ts"],
    testTimeout: 20_000,
  },
});
