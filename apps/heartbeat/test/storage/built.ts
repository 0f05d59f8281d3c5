import { spawn } from "node:child_process";
import fs from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";
import { temporaryDirectory } from "../support/directory.ts";

/** Bundles a module, given by its path below `src`, for another process; returns its URL. */
export async function built(name: string): Promise<string> {
  const outDir = temporaryDirectory();
  await build({
    config: false,
    entry: [fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url))],
    outDir,
    format: "esm",
    platform: "node",
    noExternal: [/^@x\//],
    silent: true,
  });
  fs.writeFileSync(join(outDir, "package.json"), '{"type":"module"}');
  return pathToFileURL(join(outDir, `${basename(name)}.js`)).href;
}

/** Runs a shell command whose `$SCRIPT` is a module; returns its output. Rejects when it does not exit within 15 s. */
export function runShell(command: string, script: string): Promise<string> {
  const { PATH } = process.env;
  const child = spawn("bash", ["-ec", command], {
    env: { PATH, NODE: process.execPath, SCRIPT: script },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 15_000,
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`It exited with ${code ?? signal}: ${printed}`));
    });
  });
}
