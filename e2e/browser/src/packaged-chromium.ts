import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
 * The Chromium from npm. The package ships it compressed; it is unpacked once per version, next to the package, with
 * its libraries and font family.
 */
export function packagedChromium() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const machine = `${process.platform} on ${process.arch}`;
    throw new Error(`npm has no Chromium for ${machine}: set CHROMIUM_PATH to an installed one.`);
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
  // A concurrent test run may do the same: each unpacks separately, and the first to finish installs its copy.
  const own = mkdtempSync(join(packages, ".chromium-unpacking-"));
  const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: here,
    env: {
      PATH: process.env.PATH,
      // It unpacks here; in the shared directory it would pick up another user's files.
      TMPDIR: own,
      // It unpacks its libraries only if it detects a serverless environment.
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
