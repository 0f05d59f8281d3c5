import { spawn, spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";
import { HEARTBEAT } from "./processes.ts";
import { createScreen } from "./screen.ts";

/** util-linux's `script` gives a process its own terminal; the BSD version takes other arguments. */
export const hasTerminals = /util-linux/.test(
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "",
);

export const CTRL_C = "\u0003";

/** `heartbeat`, in a terminal. */
export async function inTerminal(args: readonly string[], env: Record<string, string>) {
  const screen = createScreen(100, 24);
  const quoted = [process.execPath, HEARTBEAT, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn(
    "script",
    ["-qefc", `stty rows 24 cols 100; echo pid $$; exec ${quoted}`, "/dev/null"],
    {
      env: { PATH: process.env.PATH ?? "", SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
    },
  );
  let bytes = "";
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.toString("utf8");
    void screen.write(chunk.toString("utf8"));
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const pid = await new Promise<number>((resolve, reject) => {
    const check = () => {
      const found = bytes.match(/pid (\d+)/);
      if (found === null) return;
      child.stdout.off("data", check);
      resolve(Number(found[1]));
    };
    child.stdout.on("data", check);
    void ended.then(() => reject(new Error(`no terminal: ${bytes}`)));
  });
  const isRunning = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const kill = (signal: NodeJS.Signals) => {
    if (isRunning()) process.kill(pid, signal);
  };
  onTestFinished(async () => {
    kill("SIGKILL");
    await ended;
  });
  return {
    screen,
    /** All bytes that it has sent to the terminal. */
    bytes: () => bytes,
    /** Types text into the terminal. */
    type: (keys: string) => child.stdin.write(keys),
    kill,
    /** Closes the terminal, like closing its window. */
    hangUp: () => void child.kill("SIGKILL"),
    /** Whether the process still exists. */
    isRunning,
    ended,
  };
}
