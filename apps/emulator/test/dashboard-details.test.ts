import { describe, expect, it } from "vitest";
import { agent } from "./agent.ts";
import { eventually, openDashboard, openDetails, row } from "./browser.ts";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { ask, bearer, start } from "./support.ts";

describe("the details of a workspace", () => {
  it("have its last requests: headers without the token, status, bodies, latency", async () => {
    const emulator = await start();
    const atlas = agent(emulator, ATLAS);
    await atlas.register();
    await atlas.heartbeat({ current_task: `uses ${atlas.token}` });
    await ask(emulator, `/workspaces/${ATLAS}/notify`, { body: {}, headers: bearer(String(atlas.token)) });
    const page = await openDashboard(emulator);
    const requests = (await openDetails(page, ATLAS)).locator("#requests > li");
    await eventually(() => requests.count()).toBe(3);
    const [newest, heartbeat, register] = [requests.nth(0), requests.nth(1), requests.nth(2)];
    await newest.getByText("POST /workspaces/…/notify").waitFor();
    await newest.getByText("400", { exact: true }).waitFor();
    await heartbeat.locator("summary").click();
    await heartbeat.getByText(/authorization: Bearer \[redacted\] \(SHA-256 [0-9a-f]{12}…\)/).waitFor();
    await heartbeat.getByText('"current_task": "uses [redacted]"').waitFor();
    await heartbeat.getByText('"status": "ok"').waitFor();
    await heartbeat.locator("summary").getByText(/ms$/).waitFor();
    await register.locator("summary").click();
    await register.getByText('"auth_token": "[redacted]"').waitFor();
    // An expanded request stays expanded while others arrive.
    await atlas.heartbeat();
    await eventually(() => requests.count()).toBe(4);
    expect(await requests.nth(2).getByText('"status": "ok"').isVisible()).toBe(true);
    expect((await page.content()).includes(String(atlas.token))).toBe(false);
  });

  it("send it a message, and show its answer", async () => {
    const emulator = await start();
    const token = emulator.create(ATLAS, { name: "Atlas" });
    const page = await openDashboard(emulator);
    const shown = await openDetails(page, ATLAS);
    await shown.getByLabel("Message to the workspace").fill("How far are you? <b>");
    await page.keyboard.press("Enter");
    await shown.getByText("Queued. It is answered once the workspace fetches it.").waitFor();
    const messages = shown.locator("#messages > li");
    await messages.getByText("How far are you? <b>").waitFor();
    const inbox = await ask(emulator, `/workspaces/${ATLAS}/activity?type=a2a_receive`, {
      headers: bearer(token),
    });
    expect(inbox.text).toContain("How far are you?");
    await ask(emulator, `/workspaces/${ATLAS}/notify`, {
      body: { message: "Almost there" },
      headers: bearer(token),
    });
    await messages.filter({ hasText: "answer" }).getByText("Almost there").waitFor();
    await shown.getByText("Queued.").waitFor({ state: "hidden" });
  });

  it("say why a message was not delivered", async () => {
    const emulator = await start({ contract: "v1" });
    emulator.issue(ATLAS);
    const page = await openDashboard(emulator);
    const shown = await openDetails(page, ATLAS);
    await shown.getByLabel("Message to the workspace").fill("hello");
    await shown.getByRole("button", { name: "Send" }).click();
    await shown.getByText("The platform answered 503: workspace agent unreachable").waitFor();
  });

  it("open and close by keyboard, and the focus goes back to the row", async () => {
    const emulator = await start();
    for (const id of [ATLAS, BIRCH, COMET]) await agent(emulator, id).register();
    const page = await openDashboard(emulator);
    await row(page, COMET).waitFor();
    const focused = () => page.evaluate("document.activeElement.closest('[data-id]')?.dataset.id ?? null");
    await row(page, ATLAS).getByRole("button").focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe(BIRCH);
    await page.keyboard.press("Enter");
    const shown = page.locator("#details");
    await shown.getByText(BIRCH, { exact: true }).waitFor();
    expect(await focused()).toBe(BIRCH);
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "hidden" });
    expect(await focused()).toBe(BIRCH);
    await page.keyboard.press("Enter");
    await shown.getByText(BIRCH, { exact: true }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    await shown.waitFor({ state: "hidden" });
    expect(await focused()).toBe(BIRCH);
    await page.keyboard.press("End");
    expect(await focused()).toBe(COMET);
    await page.keyboard.press("Home");
    expect(await focused()).toBe(ATLAS);
  });
});

describe("the dashboard's URL", () => {
  it("contains filter, search, sort and details; the back button undoes them one by one", async () => {
    const emulator = await start();
    const [atlas, birch] = [agent(emulator, ATLAS), agent(emulator, BIRCH)];
    await atlas.register({ agent_card: { name: "Atlas" } });
    await birch.register({ agent_card: { name: "Birch" } });
    await birch.heartbeat({ error_rate: 1 });
    const page = await openDashboard(emulator);
    const query = () => page.evaluate("location.search");
    const shown = () => page.locator("#rows > tr[data-id]").count();
    await row(page, ATLAS).waitFor();
    await page.getByRole("button", { name: "degraded 1" }).click();
    expect([await query(), await shown()]).toEqual(["?status=degraded", 1]);
    await page.getByRole("button", { name: "Name" }).click();
    await row(page, BIRCH).getByRole("button").click();
    expect(await query()).toBe(`?status=degraded&sort=name&workspace=${BIRCH}`);
    await page.getByRole("button", { name: "Its events" }).click();
    await page.getByLabel("errors only").check();
    const address = page.url();
    expect(address).toMatch(new RegExp(`&events=${BIRCH}&errors=only$`));

    // A second viewer opens the URL.
    await page.goto(address);
    await page.locator("#details").getByText(BIRCH, { exact: true }).waitFor();
    expect(await page.getByLabel("errors only").isChecked()).toBe(true);
    await page.getByText("only Birch ×").waitFor();
    await eventually(shown).toBe(1);
    expect(await page.locator("th[aria-sort]").getAttribute("data-column")).toBe("name");

    await page.goBack();
    await eventually(() => page.getByLabel("errors only").isChecked()).toBe(false);
    await page.goBack();
    await page.getByText("only Birch ×").waitFor({ state: "hidden" });
    await page.goBack();
    await page.locator("#details").waitFor({ state: "hidden" });
    await page.goBack();
    await page.goBack();
    await eventually(shown).toBe(2);
    expect(await query()).toBe("");
  });

  it("contains the search while it is typed, in one history entry", async () => {
    const emulator = await start();
    for (const id of [ATLAS, BIRCH]) await agent(emulator, id).register();
    const page = await openDashboard(emulator);
    await row(page, BIRCH).waitFor();
    const before = await page.evaluate("history.length");
    await page.getByLabel("Filter by id, name or task").pressSequentially(ATLAS.slice(-4));
    await row(page, BIRCH).waitFor({ state: "hidden" });
    await page.locator("#shown").getByText("1 of 2 workspaces").waitFor();
    expect(await page.evaluate("[history.length, location.search]")).toEqual([
      before,
      `?q=${ATLAS.slice(-4)}`,
    ]);
  });

  it("may name an unknown workspace", async () => {
    const emulator = await start();
    const page = await openDashboard(emulator);
    await page.goto(`${emulator.url}/?workspace=${ATLAS}`);
    await page.getByText("No workspace has this id").waitFor();
  });
});

describe("the timeline", () => {
  it("says what it leaves out", async () => {
    const emulator = await start();
    for (let n = 0; n < 1_100; n++) emulator.rotate(ATLAS);
    const page = await openDashboard(emulator);
    await page.getByText("The newest 200 lines. Filter to see others.").waitFor();
    await page.getByLabel("errors only").check();
    await page.getByText("None of the last 1,000 events matches the filter.").waitFor();
    await agent(emulator, ATLAS).heartbeat();
    await page.getByText("Of the last 1,000 events. Older ones are not kept.").waitFor();
  });

  it("has the events of one workspace, or only errors", async () => {
    const emulator = await start();
    const [atlas, birch] = [agent(emulator, ATLAS), agent(emulator, BIRCH)];
    await atlas.register({ agent_card: { name: "Atlas" } });
    emulator.rotate(ATLAS);
    await atlas.heartbeat();
    await birch.register({ agent_card: { name: "Birch" } });
    const page = await openDashboard(emulator);
    const lines = page.getByRole("region", { name: "Timeline" }).getByRole("listitem");
    const texts = async () => (await lines.allTextContents()).map((line) => line.replace(/^[\d:]+/, ""));
    await eventually(() => lines.filter({ hasText: "Birch" }).count()).toBeGreaterThan(0);
    await page.getByLabel("errors only").check();
    await eventually(texts).toEqual(["Atlas 401 invalid token: heartbeat"]);
    await page.getByLabel("errors only").uncheck();
    await (await openDetails(page, BIRCH)).getByRole("button", { name: "Its events" }).click();
    await eventually(texts).toEqual(["Birch registered, got a token", "Birch online"]);
    await page.getByRole("button", { name: /^Show the events of all workspaces/ }).click();
    await eventually(() => lines.filter({ hasText: "Atlas" }).count()).toBeGreaterThan(0);
  });
});
