import { describe, expect, it, onTestFinished } from "vitest";
import { type Agent, agent } from "./agent.ts";
import { card, eventually, onDashboard } from "./browser.ts";
import { fakeClock, start } from "./support.ts";

/** Lets an agent send heartbeats now and then until the test is over. */
function keepSendingHeartbeats(self: Agent): void {
  let isStopped = false;
  onTestFinished(() => {
    isStopped = true;
  });
  const loop = async (): Promise<void> => {
    if (isStopped) return;
    await self.heartbeat();
    setTimeout(loop, 40);
  };
  void loop();
}

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };

describe("the dashboard", () => {
  it("shows a card for each workspace as it registers, and what its heartbeats say", async () => {
    const emulator = await start();
    await onDashboard(emulator, async (page) => {
      await page.getByText(`export PLATFORM_URL=${emulator.url}`).waitFor();
      const [atlas, birch] = [agent(emulator, "atlas"), agent(emulator, "birch")];
      await atlas.register({ agent_card: { name: "The indexer" } });
      const shown = card(page, "atlas");
      await shown.getByText("online").waitFor();
      await shown.getByText("The indexer").waitFor();
      await shown.getByText("no heartbeat yet").waitFor();
      await shown.getByText(`${atlas.token?.slice(0, 8)}…`).waitFor();
      await birch.register();
      await card(page, "birch").waitFor();
      await atlas.heartbeat({
        error_rate: 0.25,
        current_task: "sorting mail",
        active_tasks: 3,
        sample_error: "timeout",
      });
      for (const text of ["sorting mail", "25 %", "timeout"])
        await shown.getByText(text, { exact: true }).waitFor();
      await shown.getByText(/^heartbeat (just now|\d+ s ago)$/).waitFor();
      await shown.getByRole("img", { name: /^latency [\d.]+ ms, at most/ }).waitFor();
      await eventually(() => shown.locator(".pulse").getAttribute("data-heartbeat")).toBe("odd");
      await page.getByRole("button", { name: "all 2" }).waitFor();
      const lines = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
      await lines.filter({ hasText: "birch registered, got a token" }).waitFor();
      expect((await page.content()).includes(String(atlas.token))).toBe(false);
    });
  });

  it("rotates a token: the card shows the 401, and then the recovery", async () => {
    const emulator = await start({ rateLimit: { max: 9_999, windowMs: 60_000 } });
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    keepSendingHeartbeats(atlas);
    await onDashboard(
      emulator,
      async (page) => {
        const before = String(atlas.token).slice(0, 8);
        const shown = card(page, "atlas");
        await shown.getByText(before).waitFor();
        const refused = [
          shown.getByText(/^401 × \d+: its token is rejected$/).waitFor(),
          page.getByRole("button", { name: "unauthorized 1" }).waitFor(),
        ];
        await shown.getByRole("button", { name: "Rotate atlas" }).click();
        const dialog = page.getByRole("dialog", { name: "Rotate the token of atlas" });
        await dialog.getByRole("button", { name: "Rotate" }).click();
        await Promise.all(refused);
        await dialog.getByRole("button", { name: "Copy token" }).click();
        await dialog.getByRole("button", { name: "Copied" }).waitFor();
        atlas.token = String(await page.evaluate("navigator.clipboard.readText()"));
        await dialog.getByRole("button", { name: "Close" }).click();
        await shown.getByText(/^recovered after 401 × \d+, /).waitFor();
        expect(await shown.getByText(before).count()).toBe(0);
        const timeline = page.getByRole("region", { name: "Timeline" });
        for (const text of [/rotated, now/, /401 invalid token: heartbeat/, /recovered after/]) {
          await timeline.getByRole("listitem").filter({ hasText: text }).first().waitFor();
        }
      },
      CLIPBOARD,
    );
  });

  it("shows a new token once, for the clipboard, and by hand where the browser does not let it copy", async () => {
    const emulator = await start();
    await agent(emulator, "atlas").register();
    await onDashboard(
      emulator,
      async (page) => {
        const open = card(page, "atlas").getByRole("button", { name: "Rotate atlas" });
        const dialog = page.getByRole("dialog", { name: "Rotate the token of atlas" });
        const shown = dialog.getByLabel("Token to copy");
        await open.click();
        await dialog.getByRole("button", { name: "Rotate" }).click();
        await dialog.getByRole("button", { name: "Copy token" }).click();
        await dialog.getByRole("button", { name: "Copied" }).waitFor();
        const copied = await page.evaluate("navigator.clipboard.readText()");
        expect(copied).toMatch(/^[\w-]{43}$/);
        expect(await shown.isVisible()).toBe(false);
        expect((await page.content()).includes(String(copied))).toBe(false);
        await dialog.getByRole("button", { name: "Close" }).click();

        await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))");
        await open.click();
        await dialog.getByRole("button", { name: "Rotate" }).click();
        await dialog.getByRole("button", { name: "Copy token" }).click();
        await shown.waitFor();
        expect((await shown.inputValue()).slice(0, 8)).toBe(emulator.workspaces()[0]?.tokenPrefix);
        await page.keyboard.press("Escape");
        await open.click();
        expect([await shown.isVisible(), await shown.inputValue()]).toEqual([false, ""]);
      },
      CLIPBOARD,
    );
  });

  it("starts an outage: the workspace goes offline, and is online again afterwards", async () => {
    const clock = fakeClock();
    const emulator = await start({ clock });
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    await onDashboard(emulator, async (page) => {
      const shown = card(page, "atlas");
      await shown.getByText("online").waitFor();
      await page.getByLabel("Outage", { exact: true }).selectOption("503");
      await page.getByRole("button", { name: "Start the outage" }).click();
      await page.locator("#outage-banner").getByText("Outage: every request is answered 503").waitFor();
      expect(await atlas.heartbeat()).toBe(503);
      clock.advance(180_001);
      await shown.getByText("offline").waitFor();
      await page.getByRole("button", { name: "offline 1" }).waitFor();
      await page.getByRole("button", { name: "End the outage" }).click();
      await page.locator("#outage-banner").waitFor({ state: "hidden" });
      expect(await atlas.heartbeat()).toBe(200);
      expect(await atlas.register()).toBe(200);
      await shown.getByText("online").waitFor();
      const timeline = page.getByRole("region", { name: "Timeline" });
      await timeline.getByText("online, was offline").waitFor();
      await timeline.getByText("outage over").waitFor();
    });
  });

  it("slows the platform down, and shows it, whichever client did it", async () => {
    const emulator = await start();
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    await onDashboard(emulator, async (page) => {
      const slider = page.getByRole("slider", { name: "Latency" });
      await slider.focus();
      for (let steps = 0; steps < 2; steps++) await page.keyboard.press("ArrowRight");
      await page.getByRole("region", { name: "Timeline" }).getByText("200 ms before every answer").waitFor();
      await atlas.heartbeat();
      await card(page, "atlas")
        .getByText(/^[2-9]\d\d ms$/)
        .waitFor();
      emulator.latency(0);
      await eventually(() => slider.inputValue()).toBe("0");
    });
  });

  it("revokes at once, and removes only after asking", async () => {
    const emulator = await start();
    await agent(emulator, "atlas").register();
    await onDashboard(emulator, async (page) => {
      const shown = card(page, "atlas");
      await shown.getByRole("button", { name: "Revoke atlas" }).click();
      await shown.getByText("no live token").waitFor();
      await shown.getByRole("button", { name: "Remove atlas" }).click();
      const dialog = page.getByRole("dialog", { name: "Remove atlas?" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      expect(emulator.workspaces()[0]?.status).toBe("online");
      await shown.getByRole("button", { name: "Remove atlas" }).click();
      await dialog.getByRole("button", { name: "Remove" }).click();
      await shown.getByText("removed", { exact: true }).waitFor();
      expect(await shown.getByRole("button").count()).toBe(0);
    });
  });
});
