import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** One runner of the demo, in its own process. */
export interface RunnerProcess {
  readonly name: string;
  isRunning(): boolean;
  start(): void;
  /** Kills it as `kill -9` does: the other runners are not informed. */
  kill(): Promise<void>;
  /** Sends SIGTERM. Settles with its exit code. */
  stop(): Promise<number | null>;
}

export interface RunnerProcessOptions {
  readonly name: string;
  /** Flags of `heartbeat run`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Called with each log line about the runner itself. */
  readonly onLine: (text: string) => void;
}

/** A runner ends with the demo, however that ends: nothing else would stop it. */
const ENDS_WITH_PARENT =
  'data:text/javascript,process.once("disconnect",()=>process.kill(process.pid,"SIGKILL"));process.channel?.unref()';

export function createRunnerProcess({ name, args, env, onLine }: RunnerProcessOptions): RunnerProcess {
  const [, script = ""] = process.argv;
  let child: ChildProcess | null = null;
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return ending?.exitCode ?? null;
    const ended = once(ending, "exit");
    ending.kill(signal);
    const [code] = await ended;
    return code as number | null;
  };
  return {
    name,
    isRunning: () => child !== null,
    start() {
      const { PATH = "" } = process.env;
      child = spawn(process.execPath, ["--import", ENDS_WITH_PARENT, script, "run", ...args], {
        env: { PATH, ...env },
        stdio: ["ignore", "pipe", "inherit", "ipc"],
      });
      if (child.stdout !== null)
        createInterface({ input: child.stdout }).on("line", (line) => report(line, onLine));
    },
    async kill() {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
  };
}

function report(line: string, onLine: (text: string) => void): void {
  try {
    const { code, msg }: { code?: unknown; msg?: unknown } = JSON.parse(line);
    if (typeof code === "string" && /^(CLUSTER_|STORE_)/.test(code)) onLine(String(msg));
  } catch {
    // Not a log line.
  }
}
