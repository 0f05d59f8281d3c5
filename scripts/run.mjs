// `npm run demo`, `npm test` and `npm run stress`: sets up a fresh clone, then runs the command.
// Needs only Node and npm; pnpm comes through npx, at the version pinned in package.json.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const commands = {
  demo: ["apps/heartbeat/bin/heartbeat.mjs", "demo"],
  test: ["node_modules/vitest/vitest.mjs", "run"],
  stress: ["e2e/stress/dist/cli.js"],
};
const [name = "", ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) fail(`use one of: ${Object.keys(commands).join(", ")}`);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${engines.node} is needed; this is ${process.version}`);

if (!existsSync(join(root, "node_modules")))
  console.error("Installing and building everything; the first time, this takes a few minutes.");
await pnpm("install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", "--loglevel=error");
await pnpm("exec", "turbo", "run", "build", "--output-logs=errors-only");
await run(process.execPath, [...command, ...args]);

function pnpm(...pnpmArgs) {
  const parent = process.env.npm_execpath ?? "";
  if (basename(parent).startsWith("pnpm")) return run(process.execPath, [parent, ...pnpmArgs]);
  return run(process.platform === "win32" ? "npx.cmd" : "npx", ["--yes", packageManager, ...pnpmArgs]);
}

/** Ends this process with the child's exit code unless that is 0. */
function run(file, fileArgs) {
  const child = spawn(file, fileArgs, {
    cwd: root,
    stdio: "inherit",
    shell: file.endsWith(".cmd"),
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  // A terminal sends Ctrl-C to both; the child decides how to exit, and this process exits with it.
  const forward = (signal) => child.kill(signal);
  const ignore = () => {};
  process.on("SIGTERM", forward).on("SIGINT", ignore);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      process.off("SIGTERM", forward).off("SIGINT", ignore);
      if (code === 0) resolve();
      else process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
