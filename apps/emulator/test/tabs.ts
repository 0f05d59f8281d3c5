import { createHash } from "node:crypto";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import type { Emulator, EmulatorOptions } from "../src/index.ts";
import { openProfile } from "./browser.ts";
import { TAB } from "./ids.ts";
import { start } from "./support.ts";

/** The storages of a tab's token, by their names in the page. */
export type Place = "sessionStorage" | "localStorage" | "IndexedDB";

/**
 * Opens a browser profile, which fails the test if a page has errors or warnings.
 *
 * @param expected statuses that Chromium may report on the console: 404 means a workspace to be registered
 */
export async function openTabs(
  { url }: Pick<Emulator, "url">,
  expected: readonly number[] = [401, 404],
  options: BrowserContextOptions = {},
) {
  const permissions = ["clipboard-read", "clipboard-write"];
  const { context, wrong } = await openProfile({ permissions, ...options });
  const [said, asked]: [string[], string[]] = [[], []];
  context.on("console", (message) => {
    said.push(message.text());
    const isExpected = expected.some((status) => message.text().startsWith(failureMessage(status)));
    if (["error", "warning"].includes(message.type()) && !isExpected) wrong.push(message.text());
  });
  context.on("request", (request) => asked.push(request.url()));
  return {
    /** Opens the dashboard in another tab. */
    async open() {
      const page = await context.newPage();
      await page.clock.install();
      await page.goto(url);
      return page;
    },
    /** Asserts that a token is not visible anywhere. */
    expectHidden: async (token: string) => {
      const shown = await Promise.all(context.pages().map(visibleOf));
      expect(token).toHaveLength(43);
      expect([...said, ...asked, ...shown].filter((text) => text.includes(token))).toEqual([]);
    },
  };
}

/** A tab's visible text and values. */
async function visibleOf(page: Page): Promise<string> {
  return `${page.url()} ${await page.title()} ${await page.content()}`;
}

const failureMessage = (status: number) =>
  `Failed to load resource: the server responded with a status of ${status} `;

export interface JoinOptions {
  readonly id?: string;
  readonly place?: Place;
}

/** An emulator, and a tab that has joined it and is alive. */
export async function startJoined(options?: EmulatorOptions, expected?: readonly number[]) {
  const emulator = await start(options);
  const tabs = await openTabs(emulator, expected);
  const page = await tabs.open();
  await joinFrom(page);
  await expectState(page, `${TAB}: alive`);
  return { emulator, tabs, page };
}

/** Fills in the section, with the shortest interval, and joins. */
export async function joinFrom(page: Page, options?: JoinOptions): Promise<void> {
  const join = await fillIn(page, options);
  await join();
}

/** Fills in the section. @returns a function that joins */
export async function fillIn(page: Page, { id = TAB, place = "sessionStorage" }: JoinOptions = {}) {
  await page.getByRole("heading", { name: "Join from this tab" }).click();
  await page.getByLabel("Workspace id").fill(id);
  await page.getByRole("radio", { name: place }).check();
  await page.getByLabel("Heartbeat every").selectOption("1 s");
  return () => page.getByRole("button", { name: "Join", exact: true }).click();
}

/** Advances a tab's clock, a second at a time, until its section shows the text. */
export function expectState(page: Page, state: string): Promise<void> {
  const shown = page.getByRole("region", { name: "Join from this tab" }).getByRole("status");
  return passTime(page, () => shown.textContent()).toBe(state);
}

/** Advances a tab's clock until two more heartbeats were accepted. */
export function expectHeartbeats(page: Page, emulator: Emulator, id = TAB): Promise<void> {
  const before = heartbeatsOf(emulator, id);
  return passTime(page, () => heartbeatsOf(emulator, id)).toBeGreaterThan(before + 1);
}

function passTime(page: Page, read: () => unknown) {
  return expect.poll(
    async () => {
      await page.clock.fastForward(1_000);
      return read();
    },
    { timeout: 10_000, interval: 100 },
  );
}

/** Counts the tokens that registrations return from now on. */
export function countIssued(emulator: Emulator): () => number {
  let issued = 0;
  emulator.subscribe((event) => {
    if (event.type === "registered" && event.tokenIssued) issued += 1;
  });
  return () => issued;
}

export const viewOf = (emulator: Emulator, id = TAB) =>
  emulator.workspaces().find((workspace) => workspace.id === id);
const heartbeatsOf = (emulator: Emulator, id: string) => viewOf(emulator, id)?.heartbeats ?? 0;

/** The registrations and heartbeats of a workspace since a time: path, token hash, status. */
export const sentSince = (emulator: Emulator, from: number) =>
  emulator.requests.slice(from).map(({ path, headers, status }) => ({
    path,
    sha256: headers.authorization?.sha256 ?? null,
    status,
  }));

export const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

/** The tab's stored token, read as any script of the page could. */
export async function storedIn(page: Page, place: Place, id = TAB): Promise<string> {
  const origin = new URL(page.url()).origin;
  const key = place === "IndexedDB" ? `${id}@${origin}` : `token of ${id}@${origin}`;
  const code =
    place === "IndexedDB"
      ? `new Promise((resolve, reject) => {
          const open = indexedDB.open("emulator-page");
          open.onerror = reject;
          open.onsuccess = () => {
            const get = open.result.transaction("tokens").objectStore("tokens").get("${key}");
            get.onsuccess = () => { open.result.close(); resolve(get.result); };
          };
        })`
      : `${place}.getItem("${key}")`;
  return String(await page.evaluate(code));
}
