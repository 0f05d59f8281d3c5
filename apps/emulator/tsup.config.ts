import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { base, disposable } from "../../tsup.base.ts";

const libraries = {
  index: "src/index.ts",
  connections: "src/connections.ts",
  output: "src/output/index.ts",
};
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const node = { ...base, platform: "node" as const, define: { VERSION: JSON.stringify(version) } };

export default defineConfig([
  // The library (`index`, with types), code shared with the runner (`connections`, `output`), and the program.
  {
    ...node,
    entry: { ...libraries, main: "src/main.ts" },
    dts: { ...Object(base.dts), entry: libraries, banner: disposable },
  },
  {
    ...node,
    entry: libraries,
    format: "cjs",
    shims: true,
    // ES modules, which not every consumer of the CommonJS build can load.
    noExternal: ["typebox", "@fastify/type-provider-typebox"],
    dts: { ...Object(base.dts), entry: libraries, banner: disposable },
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
    // The page's imports from packages are bundled.
    noExternal: [/./],
    loader: { ".html": "copy", ".svg": "copy" },
    minify: true,
  },
]);
