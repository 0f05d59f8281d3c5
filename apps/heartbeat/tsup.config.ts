import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

export default defineConfig({
  ...base,
  // The worker thread that does the file I/O is found by the package's name: see `storage/file-thread.ts`.
  entry: { main: "src/main.ts", "file-worker": "src/storage/file-worker.ts" },
  platform: "node",
  dts: false,
  splitting: true,
  define: { VERSION: JSON.stringify(version) },
});
