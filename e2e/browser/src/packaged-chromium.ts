import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A browser that needs nothing of what is, or is not, installed on the machine. */
export interface PackagedChromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const here = fileURLToPath(new URL("..", import.meta.url));
const packages = join(here, "node_modules");

/** The libraries in the package are built against this version of glibc. */
const LIBRARIES_NEED_GLIBC = 2.34;

/** The package's own configuration looks for fonts in `/tmp` and elsewhere on the machine. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir>/nonexistent</cachedir>
</fontconfig>
`;

/**
 * The Chromium that comes with npm. The package holds it compressed; it is unpacked once for each version and kept
 * beside the package, with the libraries and the one font family that come with it.
 */
export function packagedChromium(): PackagedChromium {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const machine = `${process.platform} on ${process.arch}`;
    throw new Error(`No Chromium comes with npm for ${machine}: set CHROMIUM_PATH to an installed one.`);
  }
  const home = join(packages, `.chromium-${packagedVersion()}`);
  if (!existsSync(home)) unpack(home);
  const libraries = join(home, "al2023/lib");
  return {
    executablePath: join(home, "chromium"),
    env: {
      PATH: process.env.PATH ?? "",
      HOME: join(home, "home"),
      TMPDIR: join(home, "tmp"),
      FONTCONFIG_FILE: join(home, "fonts.conf"),
      ...(existsSync(libraries) && { LD_LIBRARY_PATH: libraries }),
    },
  };
}

function packagedVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(packages, "@sparticuz/chromium/package.json"), "utf8"),
  );
  return manifest.version;
}

function unpack(home: string): void {
  // Another test run may do the same now: each unpacks for itself, and the first one to finish provides.
  const own = mkdtempSync(join(packages, ".chromium-unpacking-"));
  const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: here,
    env: {
      PATH: process.env.PATH,
      // Where it unpacks, and another user's files in the shared one would be taken for its own.
      TMPDIR: own,
      // It unpacks its libraries only where it believes that it runs in a cloud function.
      ...(glibcVersion() >= LIBRARIES_NEED_GLIBC && { AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" }),
    },
  });
  for (const folder of ["home", "tmp"]) mkdirSync(join(own, folder));
  writeFileSync(join(own, "fonts.conf"), FONTS);
  try {
    renameSync(own, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
    rmSync(own, { recursive: true });
  }
}

function glibcVersion(): number {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return Number(header?.glibcVersionRuntime ?? 0);
}
