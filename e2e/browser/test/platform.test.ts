import { describe, expect, it } from "vitest";
import { openBrowser, openSite, openTab } from "./open.ts";

describe("a page that joins as a workspace", () => {
  it("registers once, sends heartbeats, and resumes them after a reload without registering again", async () => {
    const { url, platform } = await openSite();
    const tab = await openTab(await openBrowser(), url);
    const heartbeat = () =>
      tab.evaluate(async () => {
        const agent = await site.join(
          site.webTokenStorage({ storage: () => sessionStorage }),
          location.origin,
        );
        return agent.heartbeat();
      });
    expect(await heartbeat()).toBe(200);
    await tab.reload();
    expect(await heartbeat()).toBe(200);
    expect(platform.seen.map(({ path }) => path)).toEqual([
      "/registry/register",
      "/registry/heartbeat",
      "/registry/heartbeat",
    ]);
    expect(platform.seen.at(-1)?.headers.authorization).toBe(`Bearer ${platform.issued[0]}`);
  });

  it("sends the page's origin, because the browser sets it, to its own platform and to any other", async () => {
    const [home, away] = [await openSite(), await openSite()];
    const tab = await openTab(await openBrowser(), home.url);
    for (const { url } of [home, away]) {
      await tab.evaluate(async (platformUrl) => {
        const agent = await site.join(site.memoryTokenStorage(), platformUrl);
        await agent.heartbeat();
      }, url);
    }
    for (const { platform } of [home, away]) {
      expect(platform.seen.map(({ headers }) => headers.origin)).toEqual([home.url, home.url]);
    }
  });

  it("recovers from a rotation with the token that another tab received", async () => {
    const { url, platform } = await openSite();
    const browser = await openBrowser();
    const [agent, operator] = [await openTab(browser, url), await openTab(browser, url)];
    await agent.evaluate(async () => {
      const storage = site.indexedDbTokenStorage();
      Object.assign(globalThis, {
        agent: await site.join({ ...storage, watch: () => () => {} }, location.origin),
      });
    });
    await operator.evaluate((token) => {
      const storage = site.indexedDbTokenStorage();
      return site.createBrowserAuth({ storage, platformUrl: location.origin }).saveToken(token);
    }, platform.rotate());
    // Its cached token is rejected; it reads the storage again and resends.
    expect(await agent.evaluate("agent.heartbeat()")).toBe(200);
    const [unauthorized, accepted] = platform.seen.slice(-2).map(({ headers }) => headers.authorization);
    expect(unauthorized).toBe(`Bearer ${platform.issued[0]}`);
    expect(accepted).toBe(`Bearer ${platform.issued[1]}`);
  });
});

describe("a service worker", () => {
  it("holds the token and signs for its pages, which never see it", async () => {
    const { url, platform } = await openSite();
    const browser = await openBrowser();
    const tab = await openTab(browser, url);
    const token = platform.rotate();
    await tab.evaluate(async (text) => {
      await site.indexedDbTokenStorage().write(text, { platformOrigin: location.origin });
      await navigator.serviceWorker.register("/service-worker.js");
      await navigator.serviceWorker.ready;
      if (navigator.serviceWorker.controller) return;
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
    }, token);
    const heartbeat = () =>
      tab.evaluate(async () => (await fetch("/registry/heartbeat", { method: "POST", body: "{}" })).status);
    expect(await heartbeat()).toBe(200);
    expect(platform.seen.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);

    // Another tab saves the next one; the worker learns of it from the event or from the 401.
    const next = platform.rotate();
    const other = await openTab(browser, url);
    await other.evaluate(
      (text) => site.indexedDbTokenStorage().write(text, { platformOrigin: location.origin }),
      next,
    );
    expect(await heartbeat()).toBe(200);
    expect(platform.seen.at(-1)?.headers.authorization).toBe(`Bearer ${next}`);
  });
});
