import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

// Node's modules stay imports, with their `node:` prefix, which Deno requires.
export default defineConfig({
  ...library,
  entry: ["src/index.ts", "src/embedded.ts"],
  // They share one function, which does not justify another file.
  splitting: false,
  platform: "node",
  removeNodeProtocol: false,
  // `import.meta.url` in what `require` loads.
  shims: true,
});
