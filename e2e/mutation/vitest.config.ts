import { defineConfig } from "vitest/config";

/** What judges a mutant of auth-core: its tests, but for those that read other files of the repository. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/{incidents,model,races,secrets}.test.ts"],
    testTimeout: 20_000,
  },
});
