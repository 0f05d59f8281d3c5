import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** This package's folder, whether run from the sources or the build. */
export const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** The repository's root. */
export const rootFolder = join(packageFolder, "../..");

/** A program built by `tsup`. */
export function built(
  name: "cli" | "writer" | "reader" | "agent" | "fuzzer" | "fetcher" | "collector",
): string {
  return join(packageFolder, "dist", `${name}.js`);
}

export function python(name: "truncating" | "power"): string {
  return join(packageFolder, "src/python", `${name}.py`);
}

let foundPython = "";

/** The actual Python: `python3` may be a slow wrapper script. */
export function pythonProgram(): string {
  if (foundPython !== "") return foundPython;
  const ask = ["-c", "import sys; print(sys.executable)"];
  foundPython = spawnSync("python3", ask, { encoding: "utf8" }).stdout?.trim() || "python3";
  return foundPython;
}
