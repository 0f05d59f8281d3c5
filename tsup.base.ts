import type { Options } from "tsup";

/** How everything here is built: one ES module and its types, for the oldest supported Node. */
export const base: Options = {
  entry: ["src/index.ts"],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  sourcemap: true,
  // TypeScript 6 calls an option that tsup passes on for declarations deprecated.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
};

/** For declarations that say `Symbol.asyncDispose`, which ES2022 does not have. */
export const disposable = '/// <reference lib="esnext.disposable" />';

/** How a published package is built: the same for `require`, too, with types of that kind. */
export const library: Options = { ...base, format: ["esm", "cjs"] };
