import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

export default defineConfig({
  ...base,
  entry: ["src/main.ts"],
  platform: "node",
  dts: false,
  splitting: true,
  define: { VERSION: JSON.stringify(version) },
});
