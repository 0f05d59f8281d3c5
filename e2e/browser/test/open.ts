import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { chromiumLaunch } from "../src/chromium.ts";
import type { SiteGlobal } from "../src/scripts/page.ts";
import { type Site, startSite } from "../src/site.ts";

declare global {
  /** Installed in every page of the site. */
  var site: SiteGlobal;
}

/** Not a secure context: plain http is trusted on loopback only. */
export const insecureHost = "insecure.test";

const launch = chromiumLaunch({ args: [`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`] });

export async function openSite(): Promise<Site> {
  const started = await startSite();
  onTestFinished(() => started.close());
  return started;
}

/** A browser without a persistent profile. */
export async function openBrowser(): Promise<BrowserContext> {
  const browser: Browser = await chromium.launch(launch);
  onTestFinished(() => browser.close());
  return browser.newContext();
}

/** A browser with a profile on disk, so that a test can restart it. */
export async function openProfile(): Promise<() => Promise<BrowserContext>> {
  const profile = await mkdtemp(join(tmpdir(), "profile-"));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  return async () => {
    const context = await chromium.launchPersistentContext(profile, launch);
    onTestFinished(() => context.close());
    return context;
  };
}

export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(url);
  return tab;
}
