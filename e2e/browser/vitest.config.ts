import { defineConfig } from "vitest/config";

/** Stories that take more than one page: reloads, tabs, workers, a browser that says no. Driven from Node. */
export default defineConfig({
  test: { name: "browser-stories", include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});
