import { packagedChromium } from "./packaged-chromium.ts";

/** Playwright's launch options. */
export interface ChromiumLaunch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
}

/** Sandboxing needs privileges that containers rarely grant; the other flags stop background network traffic. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--no-proxy-server",
];

/**
 * The Chromium that every test uses: the one in an npm package, regardless of installed browsers. `CHROMIUM_PATH`
 * selects another.
 *
 * @param options.args extra command-line arguments of the browser
 * @throws if `CHROMIUM_PATH` is not set and the package has no browser for this platform
 */
export function chromiumLaunch(options: { readonly args?: readonly string[] } = {}): ChromiumLaunch {
  const args = [...ARGS, ...(options.args ?? [])];
  const named = process.env.CHROMIUM_PATH;
  if (named) return { executablePath: named, args };
  const { executablePath, env } = packagedChromium();
  return { executablePath, args, env: { ...env } };
}
