import { packagedChromium } from "./packaged-chromium.ts";

/** What playwright is told to launch. */
export interface ChromiumLaunch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
}

/** Sandboxing needs rights that a container rarely grants; the rest keeps the browser from calling home. */
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
 * The Chromium that every test uses: the one inside an npm package, whatever is installed on the machine. Only
 * `CHROMIUM_PATH` names another.
 *
 * @param options.args further command-line arguments of the browser
 * @throws when `CHROMIUM_PATH` is not set, and the package has no browser for this machine
 */
export function chromiumLaunch(options: { readonly args?: readonly string[] } = {}): ChromiumLaunch {
  const args = [...ARGS, ...(options.args ?? [])];
  const named = process.env.CHROMIUM_PATH;
  if (named) return { executablePath: named, args };
  const { executablePath, env } = packagedChromium();
  return { executablePath, args, env: { ...env } };
}
