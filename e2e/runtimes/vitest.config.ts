import { defineConfig } from "vitest/config";

/** With every `npm test`: the runtimes that are there anyway. */
export default defineConfig({
  test: { name: "runtimes", include: ["test/{harness,here,results}.test.ts"], testTimeout: 30_000 },
});
