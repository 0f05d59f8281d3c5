import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { base, disposable } from "../../tsup.base.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

const node = {
  ...base,
  platform: "node",
  define: { VERSION: JSON.stringify(version) },
} as const;

export default defineConfig([
  {
    ...node,
    entry: {
      // What `bin/heartbeat.mjs` starts, and the library.
      main: "src/main.ts",
      index: "src/index.ts",
      // The threads, which are found by the package's name: see `own-file.ts`.
      "file-worker": "src/storage/file-worker.ts",
      "workspace-worker": "src/library/workspace-worker.ts",
    },
    splitting: true,
    dts: false,
  },
  // The library for `require`, and the types of both.
  {
    ...node,
    entry: { index: "src/index.ts" },
    format: "cjs",
    shims: true,
    // An ES module, which not everything that says `require` can load.
    noExternal: ["tinyqueue"],
    dts: false,
  },
  {
    ...node,
    entry: { index: "src/index.ts" },
    format: ["esm", "cjs"],
    dts: { ...Object(base.dts), only: true, banner: disposable },
  },
]);
