import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** This package's own folder, from the sources as from what is built of them. */
export const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** The repository's. */
export const rootFolder = join(packageFolder, "../..");

/** A program that `tsup` has built. */
export function built(
  name: "cli" | "writer" | "reader" | "agent" | "fuzzer" | "fetcher" | "collector",
): string {
  return join(packageFolder, "dist", `${name}.js`);
}

export function python(name: "truncating" | "power"): string {
  return join(packageFolder, "src/python", `${name}.py`);
}

let foundPython = "";

/** Python itself: what is called `python3` may be a script that takes its time to find it. */
export function pythonProgram(): string {
  if (foundPython !== "") return foundPython;
  const ask = ["-c", "import sys; print(sys.executable)"];
  foundPython = spawnSync("python3", ask, { encoding: "utf8" }).stdout?.trim() || "python3";
  return foundPython;
}
