import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually, expectAccessible, row } from "./browser.ts";
import { NOBODY, TAB } from "./ids.ts";
import { ask, registration, start } from "./support.ts";
import { expectHeartbeats, expectState, joinFrom, openTabs, startJoined, storedIn, viewOf } from "./tabs.ts";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

async function expectFitting(page: Page): Promise<void> {
  await expectAccessible(page);
  const [content, screen] = (await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  )) as [number, number];
  expect(content).toBeLessThanOrEqual(screen);
}

describe("joining from this tab is accessible", () => {
  describe.each([
    ["light", { colorScheme: "light" }],
    ["dark, on a phone", { colorScheme: "dark", ...PHONE }],
  ] as const)("axe finds no problems and nothing overflows, %s:", (_how, options) => {
    it("the form, with an invalid id", async () => {
      const tabs = await openTabs(await start(), [], { ...options, reducedMotion: "reduce" });
      const page = await tabs.open();
      await joinFrom(page, { id: "No such id" });
      await page.getByRole("alert").getByText("The platform accepts only UUIDs").waitFor();
      await expectFitting(page);
    });

    it("an unauthorized workspace, with a rejected new token", async () => {
      const emulator = await start();
      // It already has a token, which this tab does not know.
      await ask(emulator, "/registry/register", { body: registration(NOBODY) });
      const tabs = await openTabs(emulator, [401, 404], { ...options, reducedMotion: "reduce" });
      const page = await tabs.open();
      await joinFrom(page, { id: NOBODY });
      await page.getByText("The workspace already has a token").waitFor();
      await page.getByLabel("New token").fill("wrong");
      await page.getByRole("button", { name: "Use it" }).click();
      await page.getByText("The platform rejects this token.").waitFor();
      await expectFitting(page);
    });
  });

  it("with the keyboard alone, without losing the focus", async () => {
    const emulator = await start();
    const tabs = await openTabs(emulator);
    const page = await tabs.open();
    const focused = () =>
      page.evaluate(
        "(e => e.labels?.[0]?.textContent.trim() ?? e.textContent.trim())(document.activeElement)",
      );
    const tabTo = async (stop: string) => {
      for (let steps = 0; steps < 12 && (await focused()) !== stop; steps++) await page.keyboard.press("Tab");
      expect(await focused()).toBe(stop);
    };
    await page.getByLabel("Filter by id, name or task").focus();
    await tabTo("Join from this tab");
    await page.keyboard.press("Enter");
    await tabTo("Workspace id");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("Tab!");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Workspace id");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(TAB);
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toContain("localStorage");
    await tabTo("Join");
    await page.keyboard.press("Enter");
    await eventually(focused).toBe(`${TAB}: alive`);
    await row(page, TAB).getByText("online").waitFor();
    await tabTo("Leave");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Join");
    expect(await storedIn(page, "localStorage")).toHaveLength(43);
  });
});

describe("failures of a joined tab", () => {
  it("reports an outage, and continues after it", async () => {
    const { emulator, page } = await startJoined(undefined, [404, 503]);
    emulator.outage({ kind: "status", status: 503 });
    await expectState(page, `${TAB}: answered 503, trying again`);
    emulator.outage(null);
    await expectState(page, `${TAB}: alive`);
  });

  it("stops when its workspace is removed, even after a reload", async () => {
    const { emulator, page } = await startJoined(undefined, [401, 404, 410]);
    emulator.remove(TAB);
    await expectState(page, `${TAB}: removed for good`);
    expect(viewOf(emulator)?.liveTokens).toBe(0);
    await page.reload();
    await row(page, TAB).getByText("removed", { exact: true }).waitFor();
    expect(await page.getByLabel("New token").isVisible()).toBe(false);
  });

  it("registers with a new emulator on the same port, which does not know it", async () => {
    const { emulator, page } = await startJoined();
    const token = await storedIn(page, "sessionStorage");
    emulator.reset();
    await expectHeartbeats(page, emulator);
    expect(await storedIn(page, "sessionStorage")).not.toBe(token);
  });

  it("joins a v1 server, too, which rejects an empty URL", async () => {
    const { emulator } = await startJoined({ contract: "v1" }, [400, 404]);
    expect(viewOf(emulator)?.url).toBe(`http://localhost:9/${TAB}`);
  });

  it("joins a tenant's server, with the id from the page", async () => {
    const { emulator, page } = await startJoined({ orgId: 'a"<b>&c' });
    await expectHeartbeats(page, emulator);
    expect(emulator.requests.map(({ headers }) => headers["x-molecule-org-id"])).toContain('a"<b>&c');
    expect(emulator.requests.filter(({ status }) => status === 400)).toEqual([]);
  });

  it("works from memory if the browser denies storage, reports that, and stores the token once it can", async () => {
    const emulator = await start();
    const tabs = await openTabs(emulator);
    const page = await tabs.open();
    await page.evaluate(`
      const setItem = Storage.prototype.setItem;
      globalThis.makeRoom = () => { Storage.prototype.setItem = setItem; };
      Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError"); };
    `);
    await joinFrom(page);
    await expectState(page, `${TAB}: alive`);
    await page.getByText("memory only").waitFor();
    await page.getByText(/the browser's storage quota for this site is used up/).waitFor();
    await expectHeartbeats(page, emulator);
    await page.evaluate("makeRoom()");
    await expectHeartbeats(page, emulator);
    await page.getByText("memory only").waitFor({ state: "hidden" });
    await tabs.expectHidden(await storedIn(page, "sessionStorage"));
  });
});
