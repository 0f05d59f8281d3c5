import { AxeBuilder } from "@axe-core/playwright";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import type { Emulator } from "../src/index.ts";

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/**
 * Opens the dashboard (the latest build), lets the test use it, and afterwards asserts that the page had no errors.
 * `init` runs in the page before its own scripts.
 */
export async function onDashboard(
  emulator: Pick<Emulator, "url">,
  use: (page: Page) => Promise<void>,
  { init, ...options }: BrowserContextOptions & { readonly init?: string } = {},
): Promise<void> {
  browser ??= chromium.launch(chromiumLaunch());
  const context = await (await browser).newContext(options);
  const wrong: string[] = [];
  try {
    const page = await context.newPage();
    if (init !== undefined) await page.addInitScript(init);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${emulator.url}/`)) wrong.push(`it requested ${request.url()}`);
    });
    await page.goto(emulator.url);
    await page.getByText("live", { exact: true }).waitFor();
    await use(page);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
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
