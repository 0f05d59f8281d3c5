import { dirname } from "node:path";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { build } from "esbuild";
import { type Browser, chromium, type Route } from "playwright-core";

const page = "https://app.example/";
const platform = "https://platform.example/";

export const startBrowser = (): Promise<Browser> => chromium.launch(chromiumLaunch());

/** Bundles a script and runs it in a new page. @returns its output */
export async function runInPage(browser: Browser, script: string, platformUrl: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [script],
    // From here it looks upwards for the file in which Yarn records the locations of packages.
    absWorkingDir: dirname(script),
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
  });
  const context = await browser.newContext();
  try {
    // Nothing leaves this machine: the page is synthetic and the platform is on loopback.
    await context.route("**/*", (route) => answer(route, platformUrl));
    const tab = await context.newPage();
    const printed: string[] = [];
    tab.on("console", (message) => message.type() === "log" && printed.push(message.text()));
    await tab.goto(page);
    const module = `data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`;
    await tab.evaluate((url) => import(url), module);
    return printed.join("\n");
  } finally {
    await context.close();
  }
}

async function answer(route: Route, platformUrl: string): Promise<void> {
  const request = route.request();
  const url = request.url();
  if (url === page) return route.fulfill({ contentType: "text/html", body: "<!doctype html>" });
  if (!url.startsWith(platform)) return route.abort();
  const { origin: _, ...headers } = request.headers();
  const response = await fetch(new URL(url.slice(platform.length), platformUrl), {
    method: request.method(),
    headers: { ...headers, origin: new URL(platformUrl).origin },
    body: request.postData(),
  });
  const body = await response.text();
  const allowed = { "access-control-allow-origin": new URL(page).origin };
  await route.fulfill({ status: response.status, contentType: "application/json", headers: allowed, body });
}
