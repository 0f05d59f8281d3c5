import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

// Node's own modules stay imports, and keep their `node:`, which Deno asks for.
export default defineConfig({ ...base, platform: "node", removeNodeProtocol: false });
