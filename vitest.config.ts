import { defineConfig } from "vitest/config";

/** One project per package and app: `vitest run --project auth-node`. */
const project = (folder: string) => ({
  test: {
    name: folder.split("/")[1] ?? folder,
    root: folder,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 20_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      project("packages/auth-core"),
      project("packages/auth-testing"),
      project("packages/auth-node"),
      project("apps/emulator"),
      project("apps/heartbeat"),
    ],
    coverage: {
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.d.ts"],
      thresholds: { statements: 95 },
    },
  },
});
