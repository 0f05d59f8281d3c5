import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { chromium, type Page } from "playwright-core";
import { bundle } from "../build.ts";
import { type Files, startPlatform } from "../platform.ts";
import type { Outcomes } from "../suites.ts";
import type { Setting, Traits } from "../traits.ts";
import type { Runtime } from "./driver.ts";

declare global {
  /** Defined by the page's script. */
  var runInPage: (setting: Setting) => Promise<Outcomes>;
}

const worker: Traits = { origin: "the browser's", redirects: "hidden", storages: ["IndexedDB"], turns: true };
const page: Traits = { ...worker, storages: ["sessionStorage", "localStorage", "IndexedDB"] };

export const chromiumPage = context("Chromium, page", page, (tab, setting) =>
  tab.evaluate((here) => runInPage(here), setting),
);

export const chromiumWorker = context("Chromium, dedicated worker", worker, (tab, setting) =>
  tab.evaluate((here) => {
    const { port1, port2 } = new MessageChannel();
    const outcomes = new Promise<Outcomes>((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    new Worker("/worker.js").postMessage(here, [port2]);
    return outcomes;
  }, setting),
);

export const chromiumServiceWorker = context("Chromium, service worker", worker, (tab, setting) =>
  tab.evaluate(async (here) => {
    await navigator.serviceWorker.register("/worker.js");
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const outcomes = new Promise<Outcomes>((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    active?.postMessage(here, [port2]);
    return outcomes;
  }, setting),
);

/** One kind of script in a browser; its page is served by the platform under test, so that requests are same-origin. */
function context(
  name: string,
  traits: Traits,
  run: (tab: Page, setting: Setting) => Promise<Outcomes>,
): Runtime {
  return {
    name,
    traits,
    async start({ elsewhere }) {
      const own = await startPlatform(await files());
      const browser = await chromium.launch(chromiumLaunch());
      try {
        const tab = await browser.newPage();
        await tab.goto(`${own.url}/page.html`);
        const outcomes = await run(tab, { traits, platform: own.url, elsewhere });
        return { version: browser.version(), outcomes };
      } finally {
        await browser.close();
        await own.close();
      }
    },
  };
}

async function files(): Promise<Files> {
  const script = (body: string) => ({ type: "text/javascript", body });
  return {
    "/page.html": {
      type: "text/html",
      body: '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>',
    },
    "/page.js": script(await bundle("page", "iife")),
    "/worker.js": script(await bundle("worker", "iife")),
  };
}
