import { defineConfig } from "vitest/config";
import { clearEnvironment } from "../environment.ts";

clearEnvironment();

/** `pnpm release:rehearse`: a release to a registry on this machine, and all that installs it. */
export default defineConfig({
  test: {
    name: "rehearsal",
    include: ["src/rehearsal.ts"],
    reporters: ["verbose"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxConcurrency: 2,
  },
});
