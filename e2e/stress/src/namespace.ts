import { spawn, spawnSync } from "node:child_process";

const INSIDE = "STRESS_INSIDE";

/**
 * Restarts in a new mount namespace if possible, so that other processes do not see the mounts, and the mounts
 * disappear with the last of our processes, however they end.
 *
 * @returns whether another process does the work; this one then only mirrors its exit
 */
export async function continueInNamespace(): Promise<boolean> {
  if (process.env[INSIDE] !== undefined) {
    // The parent has ended.
    process.once("disconnect", () => process.exit(1));
    process.channel?.unref();
    return false;
  }
  if (process.getuid?.() !== 0 || spawnSync("unshare", ["-m", "true"]).status !== 0) return false;
  const child = spawn("unshare", ["-m", process.execPath, ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [INSIDE]: "1" },
  });
  // A terminal signals both processes; `kill` signals only this one.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return true;
}
