import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "tsup";
import { base } from "../tsup.base.ts";

const children = readdirSync("src/children").map((file) => [basename(file, ".ts"), `src/children/${file}`]);

// The packages under test stay external; only the runner's internals, which are not published, are bundled.
export default defineConfig({
  ...base,
  entry: { main: "src/main.ts", ...Object.fromEntries(children) },
  platform: "node",
  dts: false,
  removeNodeProtocol: false,
  // The runner's database driver, a CommonJS module, is bundled.
  banner: {
    js: 'import { createRequire as __requireFrom } from "node:module"; var require = __requireFrom(import.meta.url);',
  },
});
