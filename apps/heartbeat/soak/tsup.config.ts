import { defineConfig } from "tsup";
import { base } from "../../../tsup.base.ts";

/**
 * The soak and the fleet of ten thousand run bundled, like the runner. Otherwise the measurement would be of a loader
 * that rewrites each closure.
 */
export default defineConfig({
  ...base,
  entry: {
    soak: "soak/main.ts",
    "fleet-10k": "fleet-10k/main.ts",
    probe: "fleet-10k/probe.ts",
    chaos: "chaos/main.ts",
    "message-stress": "message-stress/main.ts",
  },
  outDir: "soak/dist",
  platform: "node",
  dts: false,
});
