import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { clearEnvironment } from "./environment.ts";

clearEnvironment();

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** `pnpm test:runtimes`: every runtime and every compiler, including those that need installation. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "matrix",
          root: folder("runtimes"),
          include: ["test/matrix.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "compilers",
          root: folder("types"),
          include: ["test/*.test.ts"],
          testTimeout: 120_000,
          maxConcurrency: 2,
        },
      },
    ],
  },
});
