import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openBrowser, openSite, openTab } from "./open.ts";

/** Joins without any usable storage. @returns what was reported, and whether the token works anyway */
function joinBlocked(tab: Page, location: "sessionStorage" | "localStorage" | "IndexedDB") {
  return tab.evaluate(async (where) => {
    const { createBrowserAuth, indexedDbTokenStorage, isAuthError, webTokenStorage } = site;
    const storage =
      where === "IndexedDB" ? indexedDbTokenStorage() : webTokenStorage({ storage: () => globalThis[where] });
    const events: string[] = [];
    const auth = createBrowserAuth({ storage, onEvent: ({ type }) => void events.push(type) });
    const stop = auth.watch();
    const before = await auth.getToken();
    const error: unknown = await auth.saveToken("work-s3cr3t-all-the-same").catch((failure) => failure);
    stop();
    return {
      before,
      code: isAuthError(error) ? error.code : "none",
      message: String(error),
      headers: await auth.authHeaders(),
      events,
    };
  }, location);
}

describe("when the browser denies the page storage", () => {
  for (const location of ["sessionStorage", "localStorage", "IndexedDB"] as const) {
    it(`${location} fails clearly, and the token works from memory`, async () => {
      const { url } = await openSite();
      const tab = await openTab(await openBrowser(), `${url}/blocked`);
      const { message, ...rest } = await joinBlocked(tab, location);
      expect(rest).toEqual({
        before: null,
        code: "STORAGE_WRITE_FAILED",
        headers: { Authorization: "Bearer work-s3cr3t-all-the-same" },
        events: ["source-failed", "save-failed"],
      });
      expect(message).toMatch(/stays in memory: the browser denies storage to this page.*\(SecurityError\)/);
    });
  }

  it("oneTabAtATime runs its callback anyway", async () => {
    const { url } = await openSite();
    const tab = await openTab(await openBrowser(), `${url}/blocked`);
    const done = tab.evaluate(() => site.oneTabAtATime({ refreshCache: async () => null }, () => "done"));
    expect(await done).toBe("done");
  });
});

describe("when the quota is exhausted", () => {
  it("IndexedDB fails clearly, and the token works from memory", async () => {
    const { url } = await openSite();
    const browser = await openBrowser();
    const tab = await openTab(browser, url);
    const devtools = await browser.newCDPSession(tab);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: url, quotaSize: 1 });
    const { message, ...rest } = await joinBlocked(tab, "IndexedDB");
    expect(message).toMatch(/storage quota for this site is used up \(QuotaExceededError\)/);
    expect(rest).toMatchObject({
      code: "STORAGE_WRITE_FAILED",
      events: expect.arrayContaining(["save-failed"]),
    });
    expect(rest.headers).toEqual({ Authorization: "Bearer work-s3cr3t-all-the-same" });
  });
});
