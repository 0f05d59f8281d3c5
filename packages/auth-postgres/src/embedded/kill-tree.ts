import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** It has ended, but its parent has not collected its status. */
  readonly isZombie: boolean;
}

/** Kills a process and its children with SIGKILL, and waits until they have ended. */
export async function killTree(root: number): Promise<void> {
  // A stopped process starts no others.
  signal(root, "SIGSTOP");
  const pids = (await processes()).filter(({ parent }) => parent === root).map(({ pid }) => pid);
  for (const pid of [root, ...pids]) signal(pid, "SIGKILL");
  const killed = new Set([root, ...pids]);
  for (;;) {
    const left = (await processes()).filter(({ pid, isZombie }) => killed.has(pid) && !isZombie);
    if (left.length === 0) return;
    await sleep(10);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already ended.
  }
}

async function processes(): Promise<readonly Process[]> {
  if (process.platform !== "linux") return listed();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // The name, in parentheses, may contain anything.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return {
        pid: Number(pid),
        parent: Number(parent),
        isZombie: state === "Z" || state === "X" || stat === "",
      };
    }),
  );
  return found;
}

/** For systems without `/proc`. Slim Linux images have no `ps`. */
async function listed(): Promise<readonly Process[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,state="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, state = ""] = line.trim().split(/\s+/);
    return pid ? [{ pid: Number(pid), parent: Number(parent), isZombie: state.startsWith("Z") }] : [];
  });
}
