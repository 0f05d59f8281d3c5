import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumLaunch } from "../../e2e/browser/src/chromium.ts";
import { testsOf } from "../../e2e/slow-tests.ts";

/** Runs the tests in a page of a real Chromium, to test the browser's actual storage. */
export default defineConfig({
  // If it were discovered while the tests run, the page would reload.
  optimizeDeps: { include: ["idb-keyval"] },
  test: {
    name: "auth-browser",
    ...testsOf("packages/auth-browser", ["src/**/*.test.ts"]),
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
