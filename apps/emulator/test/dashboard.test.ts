import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Agent, agent } from "./agent.ts";
import { card, eventually, onDashboard } from "./browser.ts";
import { fakeClock, start } from "./support.ts";

/** Lets an agent beat now and then, which reads its token file after a 401, until the test is over. */
function keepBeating(self: Agent, file: string): void {
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const loop = async (): Promise<void> => {
    if (isOver) return;
    if ((await self.beat()) === 401) self.token = await readFile(file, "utf8");
    setTimeout(loop, 40);
  };
  void loop();
}

async function tokenFile(): Promise<string> {
  const directory = await mkdtemp(joinPath(tmpdir(), "emulator-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return joinPath(directory, ".auth_token");
}

describe("the dashboard", () => {
  it("shows a card for each workspace as it registers, and what its beats say", async () => {
    const emulator = await start();
    await onDashboard(emulator, async (page) => {
      await page.getByText(`export PLATFORM_URL=${emulator.url}`).waitFor();
      const [atlas, birch] = [agent(emulator, "atlas"), agent(emulator, "birch")];
      await atlas.register({ agent_card: { name: "The indexer" } });
      const shown = card(page, "atlas");
      await shown.getByText("online").waitFor();
      await shown.getByText("The indexer").waitFor();
      await shown.getByText("no beat yet").waitFor();
      await shown.getByText(`${atlas.token?.slice(0, 8)}…`).waitFor();
      await birch.register();
      await card(page, "birch").waitFor();
      await atlas.beat({
        error_rate: 0.25,
        current_task: "sorting mail",
        active_tasks: 3,
        sample_error: "timeout",
      });
      for (const text of ["sorting mail", "25 %", "timeout"])
        await shown.getByText(text, { exact: true }).waitFor();
      await shown.getByText(/^beat (just now|\d+ s ago)$/).waitFor();
      await shown.getByRole("img", { name: /^latency [\d.]+ ms, at most/ }).waitFor();
      await eventually(() => shown.locator(".pulse").getAttribute("data-beat")).toBe("odd");
      await page.getByRole("button", { name: "all 2" }).waitFor();
      const lines = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
      await lines.filter({ hasText: "birch registered, got a token" }).waitFor();
      expect((await page.content()).includes(String(atlas.token))).toBe(false);
    });
  });

  it("rotates a token: the card shows the 401, and then the recovery", async () => {
    const [emulator, file] = [
      await start({ rateLimit: { max: 9_999, windowMs: 60_000 } }),
      await tokenFile(),
    ];
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    await writeFile(file, String(atlas.token));
    emulator.knowTokenFile("atlas", file);
    keepBeating(atlas, file);
    await onDashboard(emulator, async (page) => {
      const before = String(atlas.token).slice(0, 8);
      const shown = card(page, "atlas");
      await shown.getByText(before).waitFor();
      const refused = [
        shown.getByText(/^401 × \d+: its token is refused$/).waitFor(),
        page.getByRole("button", { name: "refused 1" }).waitFor(),
      ];
      await shown.getByRole("button", { name: "Rotate atlas" }).click();
      await Promise.all(refused);
      await shown.getByText(/^recovered after 401 × \d+, /).waitFor();
      expect(await shown.getByText(before).count()).toBe(0);
      const timeline = page.getByRole("region", { name: "Timeline" });
      for (const text of [
        /rotated, now/,
        /401 invalid token: heartbeat/,
        /new token written/,
        /recovered after/,
      ]) {
        await timeline.getByRole("listitem").filter({ hasText: text }).first().waitFor();
      }
    });
  });

  it("asks for the file where it knows none, or hands the token over for the clipboard", async () => {
    const [emulator, file] = [await start(), await tokenFile()];
    await agent(emulator, "atlas").register();
    const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };
    await onDashboard(
      emulator,
      async (page) => {
        const open = card(page, "atlas").getByRole("button", { name: "Rotate atlas" });
        const dialog = page.getByRole("dialog", { name: "Rotate the token of atlas" });
        await open.click();
        await dialog.getByRole("button", { name: "Rotate" }).click();
        await dialog.getByRole("button", { name: "Copy token" }).click();
        await dialog.getByRole("button", { name: "Copied" }).waitFor();
        const copied = await page.evaluate("navigator.clipboard.readText()");
        expect(copied).toMatch(/^[\w-]{43}$/);
        expect((await page.content()).includes(String(copied))).toBe(false);
        await dialog.getByRole("button", { name: "Close" }).click();

        await open.click();
        await dialog.getByLabel("Token file").fill(file);
        await dialog.getByRole("button", { name: "Rotate" }).click();
        await dialog.waitFor({ state: "hidden" });
        await eventually(() => readFile(file, "utf8").catch(() => "")).toHaveLength(43);
        // From now on the file is known.
        await open.click();
        expect(await dialog.isVisible()).toBe(false);
      },
      clipboard,
    );
  });

  it("says what is wrong with a file, and rotates nothing", async () => {
    const emulator = await start();
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    await onDashboard(emulator, async (page) => {
      // The browser itself reports the answer, a 400.
      page.removeAllListeners("console");
      await card(page, "atlas").getByRole("button", { name: "Rotate atlas" }).click();
      await page.getByLabel("Token file").fill("/etc/passwd");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("file: only a file named .auth_token can be written").waitFor();
      expect(await atlas.beat()).toBe(200);
    });
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
      expect(await atlas.beat()).toBe(503);
      clock.advance(180_001);
      await shown.getByText("offline").waitFor();
      await page.getByRole("button", { name: "offline 1" }).waitFor();
      await page.getByRole("button", { name: "End the outage" }).click();
      await page.locator("#outage-banner").waitFor({ state: "hidden" });
      expect(await atlas.beat()).toBe(200);
      expect(await atlas.register()).toBe(200);
      await shown.getByText("online").waitFor();
      const timeline = page.getByRole("region", { name: "Timeline" });
      await timeline.getByText("online, was offline").waitFor();
      await timeline.getByText("outage over").waitFor();
    });
  });

  it("slows the platform down, and shows it, whoever did it", async () => {
    const emulator = await start();
    const atlas = agent(emulator, "atlas");
    await atlas.register();
    await onDashboard(emulator, async (page) => {
      const slider = page.getByRole("slider", { name: "Latency" });
      await slider.focus();
      for (let steps = 0; steps < 2; steps++) await page.keyboard.press("ArrowRight");
      await page.getByRole("region", { name: "Timeline" }).getByText("200 ms before every answer").waitFor();
      await atlas.beat();
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
