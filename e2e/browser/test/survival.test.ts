import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openBrowser, openProfile, openSite, openTab } from "./open.ts";

const token = "issd-s3cr3t-abcdefghijklmnopqr-s3cr3t-0003";
const locations = ["memory", "sessionStorage", "localStorage", "IndexedDB"] as const;
type Location = (typeof locations)[number];

/** Saves a token (if one is given) and returns the stored one. */
function visit(tab: Page, location: Location, save?: string): Promise<string | null> {
  return tab.evaluate(
    async ([where, text]) => {
      const { createBrowserAuth, indexedDbTokenStorage, memoryTokenStorage, webTokenStorage } = site;
      const storages = {
        memory: () => memoryTokenStorage(),
        sessionStorage: () => webTokenStorage({ storage: () => sessionStorage }),
        localStorage: () => webTokenStorage({ storage: () => localStorage }),
        IndexedDB: () => indexedDbTokenStorage(),
      };
      const auth = createBrowserAuth({ storage: storages[where]() });
      if (text !== null) await auth.saveToken(text);
      return auth.getToken();
    },
    [location, save ?? null] as const,
  );
}

/** The storages that hold a token. */
async function foundBy(tab: Page): Promise<Location[]> {
  const found: Location[] = [];
  for (const location of locations) if ((await visit(tab, location)) === token) found.push(location);
  return found;
}

/** The README's table, checked in a browser. */
describe("a token", () => {
  it("survives a reload in every storage but memory", async () => {
    const { url } = await openSite();
    const tab = await openTab(await openBrowser(), url);
    for (const location of locations) await visit(tab, location, token);
    await tab.reload();
    expect(await foundBy(tab)).toEqual(["sessionStorage", "localStorage", "IndexedDB"]);
  });

  it("is shared with another tab by localStorage and IndexedDB", async () => {
    const { url } = await openSite();
    const browser = await openBrowser();
    const tab = await openTab(browser, url);
    for (const location of locations) await visit(tab, location, token);
    expect(await foundBy(await openTab(browser, url))).toEqual(["localStorage", "IndexedDB"]);
  });

  it("in sessionStorage is copied to a tab that this one opens, unless opened with noopener", async () => {
    const { url } = await openSite();
    const tab = await openTab(await openBrowser(), url);
    await visit(tab, "sessionStorage", token);
    const open = async (features: string) => {
      const opened = tab.waitForEvent("popup");
      await tab.evaluate((how) => void window.open("/", "_blank", how), features);
      const popup = await opened;
      await popup.waitForFunction(() => "site" in globalThis);
      return visit(popup, "sessionStorage");
    };
    expect(await open("")).toBe(token);
    expect(await open("noopener")).toBeNull();
  });

  it("survives a restart of the browser in localStorage and in IndexedDB", async () => {
    const { url } = await openSite();
    const start = await openProfile();
    const before = await start();
    const tab = await openTab(before, url);
    for (const location of locations) await visit(tab, location, token);
    await before.close();
    expect(await foundBy(await openTab(await start(), url))).toEqual(["localStorage", "IndexedDB"]);
  });

  it("is invisible to another origin, even one that differs only in the port", async () => {
    const [one, two] = [await openSite(), await openSite()];
    const browser = await openBrowser();
    const tab = await openTab(browser, one.url);
    for (const location of locations) await visit(tab, location, token);
    expect(await foundBy(await openTab(browser, two.url))).toEqual([]);
  });

  it("is shared between the page and its workers by IndexedDB", async () => {
    const { url } = await openSite();
    const tab = await openTab(await openBrowser(), url);
    const ask = (message: { save?: string }) =>
      tab.evaluate((data) => {
        const { port1, port2 } = new MessageChannel();
        new Worker("/worker.js").postMessage(data, [port2]);
        return new Promise<string | null>((resolve) => {
          port1.onmessage = (event) => resolve(event.data);
        });
      }, message);
    await visit(tab, "IndexedDB", token);
    expect(await ask({})).toBe(token);
    await ask({ save: `${token}-of-the-worker` });
    expect(await visit(tab, "IndexedDB")).toBe(`${token}-of-the-worker`);
  });
});
