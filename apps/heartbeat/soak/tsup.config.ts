import { defineConfig } from "tsup";
import { base } from "../../../tsup.base.ts";

/** The soak and the fleet of ten thousand run as the runner does: bundled. A loader that rewrites each closure as it goes would be what is measured. */
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
