import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playScene } from "../scripts/scene.ts";
import { type Emulator, startEmulator, workspaceId } from "../src/index.ts";
import { agent } from "./agent.ts";
import { eventually, expectAccessible, openDashboard, openDetails, row } from "./browser.ts";
import { ATLAS, BIRCH, NOBODY } from "./ids.ts";
import { fakeClock, start } from "./support.ts";

const DELTA = workspaceId("delta");
const FJORD = workspaceId("fjord");
const LATE = workspaceId("w-9876");

/** The workspace of the focused row. */
const FOCUSED = "document.activeElement.closest('[data-id]')?.dataset.id";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describe("axe finds no problems in the dashboard", { timeout: 60_000 }, () => {
  let emulator: Emulator;
  beforeAll(async () => {
    const clock = fakeClock();
    emulator = await startEmulator({ clock, rateLimit: { max: 10_000, windowMs: 60_000 } });
    await playScene(emulator, clock.advance);
    emulator.outage({ kind: "status", status: 503 });
  }, 60_000);
  afterAll(() => emulator.close());

  it.each([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["with the viewer's own colours", { forcedColors: "active" }],
    ["light, on a phone", { colorScheme: "light", ...PHONE }],
    ["dark, on a phone", { colorScheme: "dark", ...PHONE }],
  ] as const)("%s", async (_how, options) => {
    const page = await openDashboard(emulator, { ...options, reducedMotion: "reduce" });
    await row(page, workspaceId("lumen")).waitFor();
    await expectAccessible(page);
    const shown = await openDetails(page, FJORD);
    await shown.locator("#requests summary").first().click();
    await shown.getByText("authorization: Bearer [redacted]").first().waitFor();
    await page.getByRole("button", { name: "token rejected 1" }).click();
    await expectAccessible(page);
  });

  it.each(["light", "dark"] as const)("its dialogs, %s", async (colorScheme) => {
    const page = await openDashboard(emulator, { colorScheme, reducedMotion: "reduce" });
    const shown = await openDetails(page, DELTA);
    const buttons = [
      shown.getByRole("button", { name: "Remove" }),
      shown.getByRole("button", { name: "Rotate" }),
      page.getByRole("button", { name: "Add workspace" }),
      page.getByRole("button", { name: "Reset" }),
    ];
    for (const button of buttons) {
      await button.click();
      await page.getByRole("dialog").waitFor();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
    }
  });

  it("empty", async () => {
    await expectAccessible(await openDashboard(await start()));
  });
});

describe("the dashboard is accessible", () => {
  it("nothing overflows at phone width, not even the longest texts", async () => {
    const emulator = await start();
    const long = agent(emulator, NOBODY);
    await long.register({ agent_card: { name: "N".repeat(500) } });
    await long.heartbeat({ error_rate: 1, sample_error: "E".repeat(5_000), current_task: "T".repeat(5_000) });
    const page = await openDashboard(emulator, PHONE);
    const shown = await openDetails(page, long.id);
    await shown.getByText("100 %").waitFor();
    const [content, screen] = (await page.evaluate(
      "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
    )) as [number, number];
    expect(content).toBeLessThanOrEqual(screen);
  });

  it("every column is there at phone width, and sorts", async () => {
    const emulator = await start();
    const atlas = agent(emulator, ATLAS);
    await atlas.register({ agent_card: { name: "Atlas" } });
    await agent(emulator, BIRCH).register({ agent_card: { name: "Birch" } });
    await atlas.heartbeat();
    const page = await openDashboard(emulator, PHONE);
    const shown = row(page, ATLAS);
    for (const text of [
      "online",
      "Atlas",
      ATLAS,
      `${atlas.token?.slice(0, 8)}…`,
      /^(just now|\d+ s ago)$/,
      /ms$/,
    ])
      await shown.getByText(text, { exact: true }).waitFor();
    await shown.getByRole("cell", { name: "0 failed", exact: true }).waitFor();
    const [left, right, width] = (await page.evaluate(
      `((all) => [Math.min(...all.map((e) => e.left)), Math.max(...all.map((e) => e.right)), innerWidth])([...document.querySelectorAll("#rows td, #rows th, thead th")].map((e) => e.getBoundingClientRect()))`,
    )) as [number, number, number];
    expect([left >= 0, right <= width]).toEqual([true, true]);
    for (const name of ["Id", "Latency", "Token"]) {
      const header = page.getByRole("columnheader", { name });
      await header.getByRole("button").tap();
      expect(await header.getAttribute("aria-sort")).not.toBeNull();
    }
  });

  it("the keyboard reaches everything, and the focus never gets lost", async () => {
    const emulator = await start();
    await agent(emulator, ATLAS).register();
    const page = await openDashboard(emulator);
    await row(page, ATLAS).waitFor();
    const focused = () =>
      page.evaluate(
        "(e => e.getAttribute('aria-label') ?? (e.textContent.trim() || e.labels[0].textContent))(document.activeElement)",
      );
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("To the workspaces");
    await page.keyboard.press("Enter");
    const name = ATLAS.slice(0, 8);
    const stopsUntil = async (last: string) => {
      const stops: unknown[] = [];
      while (stops.at(-1) !== last && stops.length < 30) {
        await page.keyboard.press("Tab");
        stops.push(await focused());
      }
      return stops;
    };
    expect(await stopsUntil(name)).toEqual([
      expect.stringMatching(/^Cut connections/),
      "Start the outage",
      "Latency",
      "all 1",
      "problems 0",
      "online 1",
      "Filter by id, name or task",
      ...["Status", "Name", "Id", "Last heartbeat", "Latency", "Failures", "Token"],
      name,
    ]);
    await page.keyboard.press("Enter");
    expect(await stopsUntil("Remove")).toEqual(["Close the details", "Rotate", "Revoke", "Remove"]);
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Cancel");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Remove");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await eventually(focused).toBe(name);
    expect(emulator.workspaces()[0]?.status).toBe("removed");
  });

  it("the focus stays on its row while others come and go, and in the table if the row is scrolled away", async () => {
    const emulator = await start();
    for (let n = 0; n < 300; n++) emulator.issue(workspaceId(`w-${n}`));
    const page = await openDashboard(emulator);
    const first = row(page, workspaceId("w-0"));
    await first.getByRole("button").focus();
    await agent(emulator, ATLAS).register();
    emulator.revoke(workspaceId("w-1"));
    await page.locator("#shown").getByText("301 workspaces").waitFor();
    expect(await page.evaluate(FOCUSED)).toBe(workspaceId("w-0"));
    await page.evaluate("document.getElementById('scroller').scrollTop = 6000");
    await first.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.id")).toBe("scroller");
    await page.keyboard.press("ArrowDown");
    await first.waitFor();
    expect(await page.evaluate(FOCUSED)).toBe(workspaceId("w-1"));
  });

  it("a header shows the sort order, and changes it", async () => {
    const emulator = await start();
    const [atlas, birch] = [agent(emulator, ATLAS), agent(emulator, BIRCH)];
    await atlas.register({ agent_card: { name: "Atlas" } });
    await birch.register({ agent_card: { name: "Birch" } });
    const page = await openDashboard(emulator);
    const names = () => page.locator("#rows > tr[data-id] button").allTextContents();
    const header = page.getByRole("columnheader", { name: "Name" });
    await page
      .getByRole("columnheader", { name: "Status" })
      .and(page.locator("[aria-sort=ascending]"))
      .waitFor();
    await header.getByRole("button").click();
    await eventually(names).toEqual(["Atlas", "Birch"]);
    expect(await header.getAttribute("aria-sort")).toBe("ascending");
    await page.keyboard.press("Enter");
    await eventually(names).toEqual(["Birch", "Atlas"]);
    expect(await header.getAttribute("aria-sort")).toBe("descending");
    expect(await page.locator("[aria-sort]").count()).toBe(1);
  });
});

describe("the dashboard trusts no agent", () => {
  it("shows the beginning of the id in place of a blank name", async () => {
    const emulator = await start();
    emulator.create(ATLAS, { name: " " });
    const page = await openDashboard(emulator);
    await row(page, ATLAS)
      .getByRole("button", { name: ATLAS.slice(0, 8) })
      .waitFor();
  });

  it("shows markup as text", async () => {
    const emulator = await start();
    const evil = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>";
    const atlas = agent(emulator, ATLAS);
    await atlas.register({ agent_card: { name: evil } });
    await atlas.heartbeat({ error_rate: 0.9, sample_error: evil, current_task: evil });
    await fetch(`${emulator.url}/workspaces/${encodeURIComponent(evil)}/delegations`);
    const page = await openDashboard(emulator);
    const shown = await openDetails(page, ATLAS);
    await eventually(() => page.getByText(evil).count()).toBeGreaterThan(3);
    await shown.locator("#requests summary").first().click();
    await page.getByRole("region", { name: "Timeline" }).getByText(evil).last().waitFor();
    expect(await page.locator("main img, main script, aside img, aside script").count()).toBe(0);
    expect(await page.title()).toBe("Emulator");
  });
});

describe("the dashboard scales", { timeout: 60_000 }, () => {
  it("10,000 workspaces: it renders only visible rows, reaches all, finds any, and updates with their heartbeats", async () => {
    const emulator = await start({ rateLimit: { max: 10_000, windowMs: 60_000 } });
    const late = agent(emulator, LATE);
    for (let n = 0; n < 10_000; n++) {
      const token = emulator.issue(workspaceId(`w-${n}`));
      if (n === 9_876) late.token = token;
    }
    const page = await openDashboard(emulator);
    await page.locator("#shown").getByText("10,000 workspaces", { exact: true }).waitFor();
    const rows = page.locator("#rows > tr[data-id]");
    await row(page, workspaceId("w-0")).waitFor();
    expect(await rows.count()).toBeLessThan(80);
    await page.getByRole("button", { name: "provisioning 10,000" }).waitFor();
    await row(page, workspaceId("w-0")).getByRole("button").focus();
    await page.keyboard.press("End");
    await row(page, workspaceId("w-9999")).waitFor();
    expect(await row(page, workspaceId("w-9999")).getAttribute("aria-rowindex")).toBe("10001");
    expect(await rows.count()).toBeLessThan(80);
    await page.getByLabel("Filter by id, name or task").fill(LATE);
    await row(page, LATE).getByText("none yet").waitFor();
    expect(await rows.count()).toBe(1);
    await late.heartbeat({ current_task: "needle" });
    await (await openDetails(page, LATE)).getByText("needle").waitFor();
    await page.getByLabel("Filter by id, name or task").fill("");
    await page.getByRole("button", { name: "online 1" }).click();
    await eventually(() => rows.count()).toBe(1);
  });

  it("recovers after the emulator was down", async () => {
    const first = await startEmulator();
    const port = Number(new URL(first.url).port);
    await agent(first, ATLAS).register();
    const page = await openDashboard(first);
    // The browser itself logs failed requests.
    page.removeAllListeners("console");
    const shown = await openDetails(page, ATLAS);
    await first.close();
    await page.getByText("no connection").waitFor();
    await page
      .getByText(/^The connection to the emulator was lost\. This page shows the state at /)
      .waitFor();
    await shown.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The emulator does not answer.").waitFor();
    const second = await start({ port });
    await agent(second, BIRCH).register();
    await row(page, BIRCH).waitFor();
    expect(await row(page, ATLAS).count()).toBe(0);
    // Messages about the downtime have disappeared.
    for (const id of ["problem", "connection-banner"]) {
      await page.locator(`#${id}`).waitFor({ state: "hidden" });
    }
    const timeline = page.getByRole("region", { name: "Timeline" });
    await timeline.getByText(BIRCH.slice(0, 8)).first().waitFor();
    expect(await timeline.getByText(ATLAS.slice(0, 8)).count()).toBe(0);
  });
});
