import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig([
  // A library (`index`, with types) and what `bin/emulator.mjs` starts (`main`).
  {
    ...base,
    entry: ["src/index.ts", "src/main.ts"],
    platform: "node",
    clean: ["!page/**"],
    dts: { entry: "src/index.ts", compilerOptions: { ignoreDeprecations: "6.0" } },
  },
  // The dashboard's page, which `src/page-files.ts` reads.
  {
    entry: {
      app: "page/main.ts",
      index: "page/index.html",
      style: "page/styles/page.css",
      icon: "page/icon.svg",
    },
    outDir: "dist/page",
    format: "esm",
    target: "es2022",
    platform: "browser",
    // Sources of a private package: what the page uses of others goes into it.
    noExternal: [/./],
    loader: { ".html": "copy", ".svg": "copy" },
    minify: true,
    clean: true,
  },
]);
