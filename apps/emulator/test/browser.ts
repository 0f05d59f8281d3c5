import { AxeBuilder } from "@axe-core/playwright";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, expect } from "vitest";
import type { Emulator } from "../src/index.ts";
// Its hook runs after the one below.
import "./support.ts";

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

const profiles: { readonly context: BrowserContext; readonly wrong: readonly string[] }[] = [];
// Before the emulators close, which pages would report.
afterEach(async () => {
  for (const { context, wrong } of profiles.splice(0)) {
    await context.close();
    expect(wrong).toEqual([]);
  }
});

/** A browser profile for one test. The test fails if anything is added to `wrong`. */
export async function openProfile(options: BrowserContextOptions) {
  browser ??= chromium.launch(chromiumLaunch());
  const context = await (await browser).newContext(options);
  const wrong: string[] = [];
  profiles.push({ context, wrong });
  context.on("weberror", (error) => wrong.push(String(error.error())));
  return { context, wrong };
}

/**
 * Opens the dashboard (the latest build). Its errors, warnings and requests elsewhere fail the test. `init` runs in the
 * page before its own scripts.
 */
export async function openDashboard(
  { url }: Pick<Emulator, "url">,
  { init, ...options }: BrowserContextOptions & { readonly init?: string } = {},
): Promise<Page> {
  const { context, wrong } = await openProfile(options);
  const page = await context.newPage();
  if (init !== undefined) await page.addInitScript(init);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`)) wrong.push(`it requested ${request.url()}`);
  });
  await page.goto(url);
  await page.getByText("live", { exact: true }).waitFor();
  return page;
}

/** Waits until a read value is as expected, however busy the machine is. */
export const eventually = (read: () => unknown) => expect.poll(read, { timeout: 10_000 });

/** The row of a workspace in the table. */
export function row(page: Page, id: string): Locator {
  return page.locator(`#rows > tr[data-id="${id}"]`);
}

/** Opens the details of a workspace, and returns them. */
export async function openDetails(page: Page, id: string): Promise<Locator> {
  await row(page, id).getByRole("button").click();
  await page.locator("#details").getByText(id, { exact: true }).waitFor();
  return page.locator("#details");
}

/** Every accessibility rule of WCAG 2.2 AA, and axe's best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}
