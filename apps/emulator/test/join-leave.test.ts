import { describe, expect, it } from "vitest";
import { eventually, row } from "./browser.ts";
import { OTHER, TAB } from "./ids.ts";
import { start } from "./support.ts";
import {
  countIssued,
  expectHeartbeats,
  expectState,
  fillIn,
  joinFrom,
  openTabs,
  startJoined,
  storedIn,
  viewOf,
} from "./tabs.ts";

describe("a tab that leaves", () => {
  it("stops the heartbeats, even after a reload", async () => {
    const { emulator, tabs, page } = await startJoined();
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Join", exact: true }).waitFor();
    expect(await page.getByLabel("Workspace id").inputValue()).toBe(TAB);
    await page.reload();
    await row(page, TAB).waitFor();
    const before = emulator.requests.length;
    // Another tab joins and sends heartbeats; by then this one would have sent one, too.
    const other = await tabs.open();
    await joinFrom(other, { id: OTHER });
    for (let heartbeats = 0; heartbeats < 2; heartbeats++) {
      await page.clock.fastForward(1_000);
      await expectHeartbeats(other, emulator, OTHER);
    }
    expect(emulator.requests.slice(before).filter(({ workspaceId }) => workspaceId === TAB)).toEqual([]);
  });

  it("during a registration stores the token of the answer, and uses it after joining again", async () => {
    const emulator = await start();
    const issued = countIssued(emulator);
    const tabs = await openTabs(emulator);
    const page = await tabs.open();
    const join = await fillIn(page);
    emulator.latency(500);
    const registering = page.waitForRequest(`${emulator.url}/registry/register`);
    await join();
    await registering;
    await page.getByRole("button", { name: "Leave" }).click();
    await eventually(() => storedIn(page, "sessionStorage")).toHaveLength(43);
    const token = await storedIn(page, "sessionStorage");
    emulator.latency(0);
    expect(viewOf(emulator)?.heartbeats).toBe(0);

    await page.getByRole("button", { name: "Join", exact: true }).click();
    await expectState(page, `${TAB}: alive`);
    await expectHeartbeats(page, emulator);
    expect([issued(), await storedIn(page, "sessionStorage")]).toEqual([1, token]);
    await tabs.expectHidden(token);
  });

  it("aborts a heartbeat in flight, long before its timeout", async () => {
    const emulator = await start();
    const tabs = await openTabs(emulator);
    const page = await tabs.open();
    emulator.outage({ kind: "hang" }, { paths: ["/registry/heartbeat"] });
    const sent = page.waitForRequest(`${emulator.url}/registry/heartbeat`);
    await joinFrom(page);
    const heartbeat = await sent;
    const failed = page.waitForEvent("requestfailed", {
      predicate: (request) => request === heartbeat,
      timeout: 5_000,
    });
    await page.getByRole("button", { name: "Leave" }).click();
    expect((await failed).failure()?.errorText).toBe("net::ERR_ABORTED");
  });
});
