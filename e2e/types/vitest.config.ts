import { defineConfig } from "vitest/config";

/** With every `npm test`: the newest compiler, which is the fast one. */
export default defineConfig({
  test: { name: "types", include: ["test/newest.test.ts"], testTimeout: 60_000, maxConcurrency: 2 },
});
