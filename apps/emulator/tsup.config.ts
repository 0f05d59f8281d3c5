import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

/** A library (`index`, with types) and what `bin/emulator.mjs` starts (`main`). */
export default defineConfig({
  ...base,
  entry: ["src/index.ts", "src/main.ts"],
  platform: "node",
  dts: { entry: "src/index.ts", compilerOptions: { ignoreDeprecations: "6.0" } },
});
