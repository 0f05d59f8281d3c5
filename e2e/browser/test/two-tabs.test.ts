import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { insecureHost, openBrowser, openSite, openTab } from "./open.ts";

/** Joins as an application does. @returns the resulting token */
const join = (tab: Page) =>
  tab.evaluate(async () => {
    const agent = await site.join(site.indexedDbTokenStorage(), location.origin);
    return agent.auth.getToken();
  });

describe("two tabs", () => {
  it("that register at the same moment end up with one token", async () => {
    const { url, platform } = await openSite();
    const browser = await openBrowser();
    const tabs = [await openTab(browser, url), await openTab(browser, url), await openTab(browser, url)];
    const tokens = await Promise.all(tabs.map(join));
    expect(platform.issued).toHaveLength(1);
    expect(new Set(tokens)).toEqual(new Set(platform.issued));
    expect(platform.seen.filter(({ path }) => path === "/registry/register")).toHaveLength(1);
  });

  it("end up with one token even in an insecure context, which has no Web Locks", async () => {
    const { port, platform } = await openSite();
    const url = `http://${insecureHost}:${port}`;
    const browser = await openBrowser();
    const tabs = [await openTab(browser, url), await openTab(browser, url), await openTab(browser, url)];
    expect(await tabs[0]?.evaluate(() => navigator.locks)).toBeUndefined();
    const tokens = await Promise.all(tabs.map(join));
    expect(platform.issued).toHaveLength(1);
    expect(new Set(tokens)).toEqual(new Set(platform.issued));
  });

  it("get their turn even if the tab that had it was closed", async () => {
    const { url, platform } = await openSite();
    const browser = await openBrowser();
    const [closed, staying] = [await openTab(browser, url), await openTab(browser, url)];
    await closed.evaluate(() => {
      const auth = { refreshCache: async () => null };
      return new Promise<void>((begun) => {
        site.oneTabAtATime(auth, () => {
          begun();
          return new Promise(() => {});
        });
      });
    });
    const joining = join(staying);
    await closed.close();
    expect(await joining).toBe(platform.issued[0]);
  });

  for (const location of ["localStorage", "IndexedDB"] as const) {
    it(`see the other's save in ${location}, and the event does not contain the token`, async () => {
      const { url } = await openSite();
      const browser = await openBrowser();
      const [saving, watching] = [await openTab(browser, url), await openTab(browser, url)];
      const token = "rota-s3cr3t-abcdefghijklmnopqr-s3cr3t-0004";

      await watching.evaluate(async (where) => {
        const { createBrowserAuth, indexedDbTokenStorage, webTokenStorage } = site;
        const storage =
          where === "IndexedDB" ? indexedDbTokenStorage() : webTokenStorage({ storage: () => localStorage });
        let report: (found: string | null) => void = () => {};
        const reported = new Promise<string | null>((resolve) => {
          report = resolve;
        });
        const auth = createBrowserAuth({
          storage,
          env: { MOLECULE_WORKSPACE_TOKEN: "the-old-one" },
          onEvent: async ({ type }) => {
            if (type !== "storage-changed") return;
            // The event may fire before the change is visible; another event follows then.
            const found = await auth.getToken();
            if (found !== "the-old-one") report(found);
          },
        });
        const message = new Promise((resolve) => {
          new BroadcastChannel(storage.location).onmessage = ({ data }) => resolve(data);
        });
        auth.watch();
        await auth.getToken();
        Object.assign(globalThis, { seen: Promise.all([reported, message]) });
      }, location);
      await saving.evaluate(
        async ([where, text]) => {
          const { createBrowserAuth, indexedDbTokenStorage, webTokenStorage } = site;
          const storage =
            where === "IndexedDB"
              ? indexedDbTokenStorage()
              : webTokenStorage({ storage: () => localStorage });
          await createBrowserAuth({ storage }).saveToken(text);
        },
        [location, token] as const,
      );
      expect(await watching.evaluate("seen")).toEqual([token, "changed"]);
    });
  }
});
