import { defineConfig } from "tsup";
import { base } from "../../../tsup.base.ts";

/** The proofs run as the runner does: bundled. A loader that rewrites each closure as it goes would be what is measured. */
export default defineConfig({
  ...base,
  entry: {
    soak: "proof/soak/main.ts",
    "fleet-10k": "proof/fleet-10k/main.ts",
    probe: "proof/fleet-10k/probe.ts",
  },
  outDir: "proof/dist",
  platform: "node",
  dts: false,
});
