import { createHash } from "node:crypto";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import type { Emulator } from "../src/index.ts";
import { TAB } from "./ids.ts";

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/** Where a tab keeps its token, by the name that the page gives it. */
export type Place = "sessionStorage" | "localStorage" | "IndexedDB";

/** The tabs of one browser profile, and everything that they said or asked for by then. */
export interface Tabs {
  /** Opens the dashboard in another tab. */
  open(): Promise<Page>;
  /** Errors and warnings, but for what Chromium itself says of statuses that were to be expected. */
  readonly wrong: readonly string[];
  /** Sees that a token is nowhere it could be seen. */
  expectHidden(token: string): Promise<void>;
}

/** @param expected statuses that Chromium itself may report on the console: 404 is a workspace that is to be registered */
export async function openTabs(
  { url }: Pick<Emulator, "url">,
  expected: readonly number[] = [401, 404],
  options: BrowserContextOptions = {},
): Promise<Tabs> {
  browser ??= chromium.launch(chromiumLaunch());
  const context = await (await browser).newContext({
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  onTestFinished(() => context.close());
  const [said, asked, wrong]: [string[], string[], string[]] = [[], [], []];
  context.on("console", (message) => {
    said.push(message.text());
    const isExpected = expected.some((status) => message.text().startsWith(refusal(status)));
    if (["error", "warning"].includes(message.type()) && !isExpected) wrong.push(message.text());
  });
  context.on("weberror", (error) => wrong.push(String(error.error())));
  context.on("request", (request) => asked.push(request.url()));
  return {
    wrong,
    async open() {
      const page = await context.newPage();
      await page.clock.install();
      await page.goto(url);
      return page;
    },
    expectHidden: async (token) => {
      const shown = await Promise.all(context.pages().map(visibleOf));
      expect(token).toHaveLength(43);
      expect([...said, ...asked, ...shown].filter((text) => text.includes(token))).toEqual([]);
    },
  };
}

/** All that a tab shows. */
async function visibleOf(page: Page): Promise<string> {
  return `${page.url()} ${await page.title()} ${await page.content()}`;
}

const refusal = (status: number) =>
  `Failed to load resource: the server responded with a status of ${status} `;

export interface JoinOptions {
  readonly id?: string;
  readonly place?: Place;
}

/** Fills the section in, at the quickest pace, and joins. */
export async function joinFrom(page: Page, options?: JoinOptions): Promise<void> {
  const join = await fillIn(page, options);
  await join();
}

/** Fills the section in, and gives the way to join. */
export async function fillIn(page: Page, { id = TAB, place = "sessionStorage" }: JoinOptions = {}) {
  await page.getByRole("heading", { name: "Join from this tab" }).click();
  await page.getByLabel("Workspace id").fill(id);
  await page.getByRole("radio", { name: place }).check();
  await page.getByLabel("Heartbeat every").selectOption("1 s");
  return () => page.getByRole("button", { name: "Join", exact: true }).click();
}

/** Lets time pass in a tab, a second at a time, until its section says so. */
export function expectState(page: Page, state: string): Promise<void> {
  const shown = page.getByRole("region", { name: "Join from this tab" }).getByRole("status");
  return passTime(page, () => shown.textContent()).toBe(state);
}

/** Lets time pass in a tab until two more heartbeats were accepted. */
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

/** Counts the tokens that registers bring from now on. */
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

/** The registers and heartbeats of a workspace from a moment on: path, hash of the token, status. */
export const sentSince = (emulator: Emulator, from: number) =>
  emulator.requests.slice(from).map(({ path, headers, status }) => ({
    path,
    sha256: headers.authorization?.sha256 ?? null,
    status,
  }));

export const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

/** What the tab has stored for its workspace, by reading it as any script of the page could. */
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
