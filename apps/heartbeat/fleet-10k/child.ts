import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Question, Usage } from "./probe.ts";

const PROBE = new URL("./probe.js", import.meta.url).href;
/** How long a process may take to exit after SIGTERM. */
const END_WITHIN_MS = 10_000;

export type Measured = ReturnType<typeof startMeasured>;

/** Starts one of our programs. `onLine` receives each output line; its standard error is passed through. */
export function startMeasured(
  program: URL,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
) {
  const child = spawn(
    process.execPath,
    ["--expose-gc", "--import", PROBE, fileURLToPath(program), ...args],
    // Nothing of this machine's own configuration may reach it.
    { stdio: ["ignore", "pipe", "inherit", "ipc"], env: { PATH: process.env.PATH ?? "" } },
  );
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  const ended = once(child, "exit").finally(() => process.off("exit", kill));
  const listeners = new Set(onLine === undefined ? [] : [onLine]);
  if (child.stdout === null) throw new Error("no standard output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    for (const listener of [...listeners]) listener(line);
  });
  const died = ended.then(([code, signal]): never => {
    throw new Error(`${program.pathname} ended (${signal ?? code})`);
  });
  died.catch(() => {});
  return {
    /** Resolves with the first line on its standard output that matches, past or future. */
    printed: (pattern: RegExp) => Promise.race([died, firstMatch(listeners, pattern)]),
    ask: (question: Question) => Promise.race([died, ask(child, question)]),
    async end() {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, END_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function firstMatch(listeners: Set<(line: string) => void>, pattern: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve) => {
    const listener = (line: string) => {
      const found = line.match(pattern);
      if (found === null) return;
      listeners.delete(listener);
      resolve(found);
    };
    listeners.add(listener);
  });
}

async function ask(child: ChildProcess, question: Question): Promise<Usage> {
  const answered = once(child, "message");
  child.send(question);
  const [usage]: Usage[] = await answered;
  if (usage === undefined) throw new Error("no answer");
  return usage;
}
