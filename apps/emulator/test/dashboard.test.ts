import { describe, expect, it, onTestFinished } from "vitest";
import { type Agent, agent } from "./agent.ts";
import { eventually, openDashboard, openDetails, row } from "./browser.ts";
import { ATLAS, BIRCH } from "./ids.ts";
import { fakeClock, start } from "./support.ts";

/** Lets an agent send heartbeats at intervals until the end of the test. */
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
  it("shows each workspace as it registers, with the content of its heartbeats", async () => {
    const emulator = await start();
    const page = await openDashboard(emulator);
    await page.getByText(`export PLATFORM_URL=${emulator.url}`).waitFor();
    const [atlas, birch] = [agent(emulator, ATLAS), agent(emulator, BIRCH)];
    await atlas.register({ agent_card: { name: "The indexer" } });
    for (const text of ["online", "The indexer", ATLAS, "none yet", `${atlas.token?.slice(0, 8)}…`])
      await row(page, ATLAS).getByText(text, { exact: true }).waitFor();
    await birch.register();
    await row(page, BIRCH).waitFor();
    const shown = await openDetails(page, ATLAS);
    await atlas.heartbeat({
      error_rate: 0.25,
      current_task: "sorting mail",
      active_tasks: 3,
      sample_error: "timeout",
    });
    for (const text of ["sorting mail", "25 %", "timeout", "0 of the last 2"])
      await shown.getByText(text, { exact: true }).waitFor();
    await row(page, ATLAS)
      .getByText(/^(just now|\d+ s ago)$/)
      .waitFor();
    await row(page, ATLAS)
      .getByText(/^[\d.]+ ms$/)
      .waitFor();
    await page.getByRole("button", { name: "all 2" }).waitFor();
    const lines = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
    await lines.filter({ hasText: `The indexer, ${BIRCH.slice(0, 8)} registered, got a token` }).waitFor();
    await page
      .getByRole("img", { name: /^Last 10 minutes: 1 heartbeats accepted, 0 requests failed/ })
      .waitFor();
    expect((await page.content()).includes(String(atlas.token))).toBe(false);
  });

  it("rotates a token: the row shows the rejection, and the details the recovery", async () => {
    const emulator = await start({ rateLimit: { max: 9_999, windowMs: 60_000 } });
    const atlas = agent(emulator, ATLAS);
    await atlas.register();
    keepSendingHeartbeats(atlas);
    const page = await openDashboard(emulator, CLIPBOARD);
    const before = String(atlas.token).slice(0, 8);
    await row(page, ATLAS).getByText(before).waitFor();
    const shown = await openDetails(page, ATLAS);
    const rejections = [
      shown.getByText(/^401 × \d+: its token is rejected$/).waitFor(),
      row(page, ATLAS).getByText("token rejected").waitFor(),
      page.getByRole("button", { name: "token rejected 1" }).waitFor(),
    ];
    await shown.getByRole("button", { name: "Rotate" }).click();
    const dialog = page.getByRole("dialog", { name: "Rotate the token of" });
    await dialog.getByRole("button", { name: "Rotate" }).click();
    await Promise.all(rejections);
    await dialog.getByRole("button", { name: "Copy token" }).click();
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    atlas.token = String(await page.evaluate("navigator.clipboard.readText()"));
    await dialog.getByRole("button", { name: "Close" }).click();
    await shown.getByText(/^recovered after 401 × \d+, /).waitFor();
    expect(await row(page, ATLAS).getByText(before).count()).toBe(0);
    const timeline = page.getByRole("region", { name: "Timeline" });
    for (const text of [/rotated, now/, /401 invalid token: heartbeat/, /recovered after/]) {
      await timeline.getByRole("listitem").filter({ hasText: text }).first().waitFor();
    }
  });

  it("shows a new token once, for the clipboard, or for manual copying if the browser denies access", async () => {
    const emulator = await start();
    await agent(emulator, ATLAS).register();
    const page = await openDashboard(emulator, CLIPBOARD);
    const open = (await openDetails(page, ATLAS)).getByRole("button", { name: "Rotate" });
    const dialog = page.getByRole("dialog", { name: "Rotate the token of" });
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
  });

  it("sets a latency, and shows it, whichever client set it", async () => {
    const emulator = await start();
    const atlas = agent(emulator, ATLAS);
    await atlas.register();
    const page = await openDashboard(emulator);
    const slider = page.getByRole("slider", { name: "Latency" });
    await slider.focus();
    for (let steps = 0; steps < 2; steps++) await page.keyboard.press("ArrowRight");
    await page.getByRole("region", { name: "Timeline" }).getByText("200 ms before every answer").waitFor();
    await atlas.heartbeat();
    await row(page, ATLAS)
      .getByText(/^[2-9]\d\d ms$/)
      .waitFor();
    emulator.latency(0);
    await eventually(() => slider.inputValue()).toBe("0");
  });

  it("revokes at once, and removes only after a confirmation", async () => {
    const emulator = await start();
    await agent(emulator, ATLAS).register();
    const page = await openDashboard(emulator);
    const shown = await openDetails(page, ATLAS);
    await shown.getByRole("button", { name: "Revoke" }).click();
    await shown.getByText("no live token").waitFor();
    await shown.getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog", { name: /^Remove .*\?$/ });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    expect(emulator.workspaces()[0]?.status).toBe("online");
    await shown.getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await row(page, ATLAS).getByText("removed", { exact: true }).waitFor();
    expect(await shown.getByRole("button", { name: "Remove" }).count()).toBe(0);
  });

  it("adds a workspace, and shows its agent's settings once", async () => {
    const emulator = await start();
    const page = await openDashboard(emulator, CLIPBOARD);
    await page.getByRole("button", { name: "Add workspace" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a workspace" });
    await dialog.getByLabel("Name").fill("Atlas");
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Copy settings" }).click();
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    const text = String(await page.evaluate("navigator.clipboard.readText()"));
    const id = emulator.workspaces()[0]?.id ?? "";
    const token = /^MOLECULE_WORKSPACE_TOKEN=([\w-]{43})$/m.exec(text)?.[1];
    expect(text.split("\n").slice(0, 2)).toEqual([`PLATFORM_URL=${emulator.url}`, `WORKSPACE_ID=${id}`]);
    expect((await page.content()).includes(String(token))).toBe(false);
    await dialog.getByRole("button", { name: "Close" }).click();
    await row(page, id).getByText("awaiting agent").waitFor();
    const atlas = agent(emulator, id);
    atlas.token = token;
    expect(await atlas.heartbeat()).toBe(200);
    await row(page, id).getByText("online").waitFor();
  });

  it("resets the platform only after a confirmation", async () => {
    const emulator = await start();
    await agent(emulator, ATLAS).register();
    const page = await openDashboard(emulator);
    await row(page, ATLAS).waitFor();
    const dialog = page.getByRole("dialog", { name: "Reset the platform?" });
    await page.getByRole("button", { name: "Reset" }).click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(emulator.workspaces()).toHaveLength(1);
    await page.getByRole("button", { name: "Reset" }).click();
    await dialog.getByRole("button", { name: "Reset" }).click();
    await page.getByText("No workspace has registered yet.").waitFor();
    expect(emulator.workspaces()).toEqual([]);
  });

  it("copies the line that points an agent here", async () => {
    const emulator = await start();
    const page = await openDashboard(emulator, CLIPBOARD);
    await page.getByRole("button", { name: "Copy PLATFORM_URL" }).click();
    await page.locator("#copy-state").getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`PLATFORM_URL=${emulator.url}`);
  });
});

describe("an outage on the dashboard", () => {
  it("is shown with its scope, whichever client started it, and with the attempts during it", async () => {
    const emulator = await start();
    const atlas = agent(emulator, ATLAS);
    await atlas.register({ agent_card: { name: "Atlas" } });
    const page = await openDashboard(emulator);
    const banner = page.locator("#outage-banner");
    const shown = await openDetails(page, ATLAS);
    emulator.outage({ kind: "status", status: 502 }, { paths: ["/registry/heartbeat"], forRequests: 3 });
    await banner.getByText("Outage: requests to /registry/heartbeat: answered 502, 3 more times").waitFor();
    expect(await page.getByLabel("Outage", { exact: true }).inputValue()).toBe("502");
    await atlas.heartbeat();
    await row(page, ATLAS).getByText("answered 502").waitFor();
    await banner.getByText("2 more times").waitFor();

    emulator.outage({ kind: "refuse" });
    await banner.getByText("Outage: all requests: the connection is cut").waitFor();
    expect(await atlas.heartbeat()).toBe(null);
    await row(page, ATLAS).getByText("connection cut").waitFor();
    await shown.getByText("the connection was cut, 2 times in a row").waitFor();
    const cut = shown.locator("#requests > li").first();
    await cut.getByText("cut", { exact: true }).waitFor();
    emulator.outage({ kind: "lose-response" });
    expect(await atlas.heartbeat()).toBe(null);
    await row(page, ATLAS).getByText("answers lost").waitFor();

    const timeline = page.getByRole("region", { name: "Timeline" });
    for (const text of [
      "Atlas heartbeat: answered 502",
      "Atlas heartbeat: the connection was cut",
      "Atlas heartbeat: processed, but the connection was cut before the answer",
    ]) {
      await timeline.getByRole("listitem").filter({ hasText: text }).first().waitFor();
    }
    await page.getByRole("img", { name: /3 requests failed, most of them/ }).waitFor();
    expect(await page.getByText("status 0").count()).toBe(0);
    emulator.outage(null);
    await banner.waitFor({ state: "hidden" });
    await atlas.heartbeat();
    await row(page, ATLAS).getByText("online").waitFor();
    await shown.getByText("3 of the last 5").waitFor();
  });

  it("that never answers shows the waiting request, and when its client gives up", async () => {
    const emulator = await start();
    const atlas = agent(emulator, ATLAS);
    await atlas.register();
    const page = await openDashboard(emulator);
    const shown = await openDetails(page, ATLAS);
    emulator.outage({ kind: "hang" });
    const giveUp = new AbortController();
    const hanging = fetch(`${emulator.url}/registry/heartbeat`, {
      method: "POST",
      headers: { authorization: `Bearer ${atlas.token}` },
      body: JSON.stringify({ workspace_id: ATLAS }),
      signal: giveUp.signal,
    }).catch(() => null);
    await shown.locator("#requests").getByText("waiting").waitFor();
    giveUp.abort();
    await hanging;
    await shown.locator("#requests").getByText("given up").waitFor();
    await row(page, ATLAS).getByText("no answer").waitFor();
  });

  it("is started and ended here: the workspace awaits its agent, and is online again afterwards", async () => {
    const clock = fakeClock();
    const emulator = await start({ clock });
    const atlas = agent(emulator, ATLAS);
    atlas.token = emulator.create(ATLAS, { name: "Atlas" });
    await atlas.register();
    const page = await openDashboard(emulator);
    await row(page, ATLAS).getByText("online").waitFor();
    await page.getByLabel("Outage", { exact: true }).selectOption("503");
    await page.getByRole("button", { name: "Start the outage" }).click();
    await page.locator("#outage-banner").getByText("Outage: all requests: answered 503").waitFor();
    expect(await atlas.heartbeat()).toBe(503);
    clock.advance(180_001);
    const shown = await openDetails(page, ATLAS);
    await shown.getByText("awaiting agent").waitFor();
    await page.getByRole("button", { name: "awaiting agent 1" }).waitFor();
    await page.getByRole("button", { name: "End the outage" }).click();
    await page.locator("#outage-banner").waitFor({ state: "hidden" });
    expect(await atlas.heartbeat()).toBe(200);
    await row(page, ATLAS).getByText("online").waitFor();
    const timeline = page.getByRole("region", { name: "Timeline" });
    await timeline.getByText("online, was awaiting agent").first().waitFor();
    await timeline.getByText("outage over").waitFor();
  });
});
