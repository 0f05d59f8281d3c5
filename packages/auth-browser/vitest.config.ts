import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumLaunch } from "../../e2e/browser/src/chromium.ts";

/** These tests run in a page of a real Chromium: what it stores, and refuses to store, is the browser's own doing. */
export default defineConfig({
  // Found only while the tests run, it would make the page load anew in the midst of them.
  optimizeDeps: { include: ["idb-keyval"] },
  test: {
    name: "auth-browser",
    include: ["src/**/*.test.ts"],
    testTimeout: 20_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: chromiumLaunch() }),
      instances: [{ browser: "chromium" }],
    },
  },
});
