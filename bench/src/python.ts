import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Identity } from "./peers/tokens.ts";

/** The version of `python3`; `null` if there is none. */
export function pythonVersion(): string | null {
  const { status, stdout } = spawnSync("python3", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

export const pythonScript = (name: string): string =>
  fileURLToPath(new URL(`../python/${name}.py`, import.meta.url));

export interface PythonSource {
  nanosecondsPerCall(): Promise<number>;
  stop(): void;
}

/** The Python function, in a process that waits between rounds. */
export async function pythonSource({ token, origin, orgId }: Identity): Promise<PythonSource | null> {
  if (pythonVersion() === null) return null;
  const env = {
    ...process.env,
    MOLECULE_WORKSPACE_TOKEN: token,
    PLATFORM_URL: origin,
    MOLECULE_ORG_ID: orgId,
  };
  const child = spawn("python3", [pythonScript("headers")], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  return {
    async nanosecondsPerCall() {
      child.stdin.write("again\n");
      const [line] = await once(lines, "line");
      return Number(line);
    },
    stop: () => child.stdin.end(),
  };
}
