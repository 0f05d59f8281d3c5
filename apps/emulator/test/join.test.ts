import { describe, expect, it } from "vitest";
import { eventually, openDetails, row } from "./browser.ts";
import { TAB } from "./ids.ts";
import { start } from "./support.ts";
import {
  countIssued,
  expectHeartbeats,
  expectState,
  fillIn,
  joinFrom,
  openTabs,
  type Place,
  sentSince,
  sha256,
  startJoined,
  storedIn,
  viewOf,
} from "./tabs.ts";

const storages: readonly Place[] = ["sessionStorage", "localStorage", "IndexedDB"];

describe("join from this tab", () => {
  it.each(storages)(
    "registers, sends heartbeats, and after a reload continues with its token from %s",
    async (place) => {
      const emulator = await start();
      const issued = countIssued(emulator);
      const tabs = await openTabs(emulator);
      const page = await tabs.open();
      await joinFrom(page, { place });
      await expectState(page, `${TAB}: alive`);
      await row(page, TAB).getByText("online").waitFor();
      const token = await storedIn(page, place);
      await page.getByText(`${token.slice(0, 4)}… (43 characters)`, { exact: true }).waitFor();
      expect(emulator.requests[0]).toMatchObject({ method: "GET", path: `/workspaces/${TAB}`, status: 404 });
      expect(emulator.requests[1]).toMatchObject({
        path: "/registry/register",
        headers: { origin: emulator.url },
        body: { id: TAB, url: "", delivery_mode: "poll" },
      });
      expect(emulator.requests.find(({ path }) => path === "/registry/heartbeat")?.body).toEqual({
        schema_version: 1,
        is_busy: false,
        workspace_id: TAB,
        error_rate: 0,
        sample_error: "",
        active_tasks: 0,
        uptime_seconds: expect.any(Number),
        current_task: expect.any(String),
        monthly_spend: 0,
        runtime_state: "",
        runtime_metadata: { runtime: "browser" },
      });

      await page.goto("about:blank");
      const before = emulator.requests.length;
      await page.goto(emulator.url);
      await expectState(page, `${TAB}: alive`);
      const signed = { sha256: sha256(token), status: 200 };
      expect(sentSince(emulator, before).slice(0, 2)).toEqual([
        { path: `/workspaces/${TAB}`, ...signed },
        { path: "/registry/register", ...signed },
      ]);
      await expectHeartbeats(page, emulator);
      expect(await storedIn(page, place)).toBe(token);
      expect([issued(), viewOf(emulator)?.liveTokens]).toEqual([1, 1]);
      await tabs.expectHidden(token);
    },
  );

  it("recovers from a revocation automatically, with the token from a new registration", async () => {
    const { emulator, tabs, page } = await startJoined();
    const token = await storedIn(page, "sessionStorage");
    const before = emulator.requests.length;
    const details = await openDetails(page, TAB);
    await details.getByRole("button", { name: "Revoke" }).click();
    await details.getByText("no live token").waitFor();
    await page.clock.fastForward(1_000);
    await eventually(() => storedIn(page, "sessionStorage")).not.toBe(token);
    await expectState(page, `${TAB}: alive`);
    const next = await storedIn(page, "sessionStorage");
    expect(sentSince(emulator, before)).toContainEqual({
      path: `/workspaces/${TAB}/delegations`,
      sha256: sha256(token),
      status: 401,
    });
    await eventually(() => sentSince(emulator, before).at(-1)).toMatchObject({
      sha256: sha256(next),
      status: 200,
    });
    await expectHeartbeats(page, emulator);
    expect(viewOf(emulator)?.liveTokens).toBe(1);
    await tabs.expectHidden(next);
  });

  it("recovers from a rotation with a pasted token, by keyboard alone", async () => {
    const { emulator, tabs, page } = await startJoined();
    const token = await storedIn(page, "sessionStorage");

    const details = await openDetails(page, TAB);
    await details.getByRole("button", { name: "Rotate" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Rotate" }).press("Enter");
    await dialog.getByRole("button", { name: "Copy token" }).press("Enter");
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    await page.keyboard.press("Escape");
    await expectState(page, `${TAB}: unauthorized (401)`);
    await details.getByText(/its token is rejected$/).waitFor();
    expect(await storedIn(page, "sessionStorage")).toBe(token);

    await page.getByLabel("New token").focus();
    await page.keyboard.press("Control+V");
    await page.keyboard.press("Enter");
    await expectState(page, `${TAB}: alive`);
    expect(await page.getByLabel("New token").inputValue()).toBe("");
    await details.getByText(/^recovered after 401/).waitFor();
    const next = await storedIn(page, "sessionStorage");
    expect(next).not.toBe(token);
    await expectHeartbeats(page, emulator);
    expect(emulator.requests.at(-1)?.headers.authorization?.sha256).toBe(sha256(next));
    await tabs.expectHidden(next);
  });

  it("does not replace a working token with an invalid one", async () => {
    const { emulator, page } = await startJoined();
    const token = await storedIn(page, "sessionStorage");
    const field = page.getByLabel("New token");
    await field.fill(token.split("").reverse().join(""));
    await field.press("Enter");
    await page.getByRole("alert").getByText("The platform rejects this token.").waitFor();
    await field.fill("schlüssel");
    await field.press("Enter");
    await page
      .getByRole("alert")
      .getByText(/printable ASCII/)
      .waitFor();
    await expectHeartbeats(page, emulator);
    expect(await storedIn(page, "sessionStorage")).toBe(token);
  });

  it.each(["localStorage", "IndexedDB"] as const)(
    "two tabs that join at once share one token in %s, and later a token that either receives",
    async (place) => {
      const emulator = await start();
      const issued = countIssued(emulator);
      const tabs = await openTabs(emulator);
      const [left, right] = [await tabs.open(), await tabs.open()];
      const joins = await Promise.all([fillIn(left, { place }), fillIn(right, { place })]);
      // Both send their request before either receives an answer.
      emulator.latency(500);
      await Promise.all(joins.map((join) => join()));
      await eventually(() => viewOf(emulator)?.liveTokens).toBe(1);
      emulator.latency(0);
      await Promise.all([expectState(left, `${TAB}: alive`), expectState(right, `${TAB}: alive`)]);
      expect([issued(), viewOf(emulator)?.liveTokens]).toEqual([1, 1]);
      expect(emulator.requests.filter(({ status }) => status === 401)).toEqual([]);

      const token = emulator.rotate(TAB);
      await Promise.all([
        expectState(left, `${TAB}: unauthorized (401)`),
        expectState(right, `${TAB}: unauthorized (401)`),
      ]);
      await left.getByLabel("New token").fill(token);
      await left.getByRole("button", { name: "Use it" }).click();
      await Promise.all([expectState(left, `${TAB}: alive`), expectState(right, `${TAB}: alive`)]);
      expect(await storedIn(right, place)).toBe(token);
      await tabs.expectHidden(token);
    },
  );
});
