import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playScene } from "../scripts/scene.ts";
import { type Emulator, startEmulator } from "../src/index.ts";
import { agent } from "./agent.ts";
import { card, eventually, expectAccessible, onDashboard } from "./browser.ts";
import { fakeClock, start } from "./support.ts";

type Use = Parameters<typeof onDashboard>[1];

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describe("axe finds nothing wrong with the dashboard", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    const clock = fakeClock();
    emulator = await startEmulator({ clock, rateLimit: { max: 10_000, windowMs: 60_000 } });
    await playScene(emulator, clock.advance);
    emulator.outage({ kind: "status", status: 503 });
  });
  afterAll(() => emulator.close());

  it.each([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["light, on a phone", { colorScheme: "light", ...PHONE }],
    ["dark, on a phone", { colorScheme: "dark", ...PHONE }],
  ] as const)("%s", async (_how, options) => {
    const use: Use = async (page) => {
      await card(page, "lumen").waitFor();
      await expectAccessible(page);
    };
    await onDashboard(emulator, use, { ...options, reducedMotion: "reduce" });
  });

  it.each(["light", "dark"] as const)("its dialogs, %s", async (colorScheme) => {
    const use: Use = async (page) => {
      await card(page, "atlas").getByRole("button", { name: "Remove atlas" }).click();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await card(page, "delta").getByRole("button", { name: "Rotate delta" }).click();
      await expectAccessible(page);
    };
    await onDashboard(emulator, use, { colorScheme, reducedMotion: "reduce" });
  });

  it("empty", async () => {
    await onDashboard(await start(), expectAccessible);
  });
});

describe("anyone can use the dashboard", () => {
  it("nothing sticks out at phone width, not even the longest texts", async () => {
    const emulator = await start();
    const long = agent(emulator, "x".repeat(128));
    await long.register({ agent_card: { name: "N".repeat(500) } });
    await long.heartbeat({ error_rate: 1, sample_error: "E".repeat(5_000), current_task: "T".repeat(5_000) });
    await onDashboard(
      emulator,
      async (page) => {
        await card(page, long.id).getByText("100 %").waitFor();
        const [content, screen] = (await page.evaluate(
          "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
        )) as [number, number];
        expect(content).toBeLessThanOrEqual(screen);
      },
      PHONE,
    );
  });

  it("the keyboard reaches everything, and the focus never gets lost", async () => {
    const emulator = await start();
    await agent(emulator, "atlas").register();
    await onDashboard(emulator, async (page) => {
      await card(page, "atlas").waitFor();
      const focused = () =>
        page.evaluate("(e => e.getAttribute('aria-label') ?? e.textContent.trim())(document.activeElement)");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("To the workspaces");
      await page.keyboard.press("Enter");
      const stops: unknown[] = [];
      while (stops.at(-1) !== "Remove atlas") {
        await page.keyboard.press("Tab");
        stops.push(await focused());
      }
      expect(stops).toEqual([
        "all 1",
        "online 1",
        "Filter by id, name or task",
        "Rotate atlas",
        "Revoke atlas",
        "Remove atlas",
      ]);
      await page.keyboard.press("Enter");
      expect(await focused()).toBe("Cancel");
      await page.keyboard.press("Enter");
      expect(await focused()).toBe("Remove atlas");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await eventually(focused).toBe("atlas");
      expect(emulator.workspaces()[0]?.status).toBe("removed");
    });
  });

  it("nothing moves for those who asked for that", async () => {
    const emulator = await start();
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    const use: Use = async (page) => {
      await card(page, "atlas").waitFor();
      await atlas.heartbeat();
      await eventually(() => card(page, "atlas").locator(".pulse").getAttribute("data-heartbeat")).toBe(
        "odd",
      );
      expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    };
    await onDashboard(emulator, use, { reducedMotion: "reduce" });
  });
});

describe("the dashboard trusts nobody", () => {
  it("shows markup as text", async () => {
    const emulator = await start();
    const evil = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>";
    const atlas = agent(emulator, "atlas");
    await atlas.register({ agent_card: { name: evil } });
    await atlas.heartbeat({ error_rate: 0.9, sample_error: evil, current_task: evil });
    await fetch(`${emulator.url}/workspaces/${encodeURIComponent(evil)}/delegations`);
    await onDashboard(emulator, async (page) => {
      await eventually(() => card(page, "atlas").getByText(evil).count()).toBe(3);
      await page.getByRole("region", { name: "Timeline" }).getByText(evil).waitFor();
      expect(await page.locator("#cards img, #cards script, #timeline img, #timeline script").count()).toBe(
        0,
      );
      expect(await page.title()).toBe("Emulator");
    });
  });
});

describe("the dashboard stays quick", () => {
  it("with 10,000 workspaces: it shows the first, finds any, and follows their heartbeats", async () => {
    const emulator = await start({ rateLimit: { max: 10_000, windowMs: 60_000 } });
    const late = agent(emulator, "w-9876");
    for (let n = 0; n < 10_000; n++) {
      const token = emulator.issue(`w-${n}`);
      if (n === 9_876) late.token = token;
    }
    await onDashboard(emulator, async (page) => {
      await page.getByText("The first 240 of 10,000. Filter to see others.").waitFor();
      expect(await page.locator("#cards > li").count()).toBe(240);
      await page.getByRole("button", { name: "provisioning 10,000" }).waitFor();
      await page.getByLabel("Filter by id, name or task").fill("w-9876");
      await card(page, "w-9876").getByText("no heartbeat yet").waitFor();
      expect(await page.locator("#cards > li").count()).toBe(1);
      await late.heartbeat({ current_task: "needle" });
      await card(page, "w-9876").getByText("needle").waitFor();
      await page.getByLabel("Filter by id, name or task").fill("");
      await page.getByRole("button", { name: "online 1" }).click();
      await eventually(() => page.locator("#cards > li").count()).toBe(1);
    });
  });

  it("finds its way back when the emulator was away", async () => {
    const first = await startEmulator();
    const port = Number(new URL(first.url).port);
    await agent(first, "atlas").register();
    await onDashboard(first, async (page) => {
      // The browser itself reports what it could not reach.
      page.removeAllListeners("console");
      await card(page, "atlas").waitFor();
      await first.close();
      await page.getByText("no connection").waitFor();
      const second = await start({ port });
      await agent(second, "birch").register();
      await card(page, "birch").waitFor();
      expect(await card(page, "atlas").count()).toBe(0);
      const timeline = page.getByRole("region", { name: "Timeline" });
      await timeline.getByText("birch").first().waitFor();
      expect(await timeline.getByText("atlas").count()).toBe(0);
    });
  });
});
