import type { Options } from "tsup";

/** How every package here is built: ESM only, one file and its types, for the oldest supported Node. */
export const base: Options = {
  entry: ["src/index.ts"],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  clean: true,
  sourcemap: true,
  // TypeScript 6 calls an option that tsup passes on for declarations deprecated.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
};
