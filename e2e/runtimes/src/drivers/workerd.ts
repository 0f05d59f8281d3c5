import { createRequire } from "node:module";
import { Miniflare } from "miniflare";
import { bundle } from "../build.ts";
import type { Outcomes } from "../suites.ts";
import { type Runtime, server } from "./driver.ts";

const require = createRequire(import.meta.url);
/** Miniflare bundles its own workerd. */
const { version } = createRequire(require.resolve("miniflare"))("workerd/package.json");

/** Cloudflare's runtime, without the Node compatibility layer. */
export const workerd: Runtime = {
  name: "workerd",
  traits: server,
  async start(where) {
    const worker = new Miniflare({
      modules: true,
      script: await bundle("workerd", "esm"),
      compatibilityDate: "2026-01-01",
    });
    try {
      const response = await worker.dispatchFetch("http://worker/", {
        method: "POST",
        body: JSON.stringify({ ...where, traits: server }),
      });
      if (!response.ok) throw new Error(`workerd answered ${response.status}: ${await response.text()}`);
      return { version, outcomes: (await response.json()) as Outcomes };
    } finally {
      await worker.dispose();
    }
  },
};
