import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

// Node's modules stay imports, with their `node:` prefix, which Deno requires.
export default defineConfig({
  ...library,
  entry: ["src/index.ts", "src/axios.ts", "src/undici.ts"],
  // They share one function, which does not justify a fourth file.
  splitting: false,
  esbuildOptions(options, { format }) {
    // CommonJS output names its own file differently.
    if (format === "cjs") options.define = { ...options.define, "import.meta.url": "__filename" };
  },
  platform: "node",
  removeNodeProtocol: false,
});
