import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../node_modules", import.meta.url));

/** Sandboxing needs rights that a container rarely grants; the rest keeps the browser from calling home. */
export const chromiumArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * The Chromium to test in: `CHROMIUM_PATH`, else the system's, else the one inside an npm package, so that nothing
 * has to be installed by hand.
 */
export function chromiumPath(): string {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const system = "/usr/bin/chromium";
  return existsSync(system) ? system : unpacked();
}

/** The package holds the browser compressed; it is unpacked once and kept beside the package. */
function unpacked(): string {
  const home = join(packages, ".chromium");
  const binary = join(home, "chromium");
  if (existsSync(binary)) return binary;
  mkdirSync(packages, { recursive: true });
  // Another test run may do the same now: each unpacks for itself, and the first one to finish provides.
  const own = mkdtempSync(join(packages, ".chromium-"));
  const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: dirname(packages),
    env: { ...process.env, TMPDIR: own },
  });
  try {
    renameSync(own, home);
  } catch (error) {
    if (!existsSync(binary)) throw error;
    rmSync(own, { recursive: true });
  }
  return binary;
}
