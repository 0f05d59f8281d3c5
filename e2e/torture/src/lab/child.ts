import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Lab } from "./lab.ts";

/** A process of ours that answers line by line. It ends with the lab at the latest. */
export interface Child {
  readonly pid: number;
  /** The next line that it says; `null` when it has ended. */
  line(): Promise<string | null>;
  /** Says something to it, and waits for the answer. */
  ask(question: string): Promise<string | null>;
  /** Closes its input, which tells it to end. */
  finish(): void;
  /** Kills it, and waits until it is gone and all it said has arrived. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  readonly ended: Promise<void>;
  /** Whether it has ended by now. */
  over(): boolean;
}

export interface ChildOptions {
  /** Told each line at once, instead of `line()`. */
  readonly onLine?: (line: string) => void;
  /** What it complains about: shown on our own stderr unless told otherwise, or taken for lines of its, or dropped. */
  readonly complaints?: "heard" | "dropped";
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export function start(lab: Lab, command: readonly string[], options: ChildOptions = {}): Child {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...options.env },
  });
  lab.undo(() => void child.kill("SIGKILL"));
  // It may be dead when we speak to it.
  child.stdin.on("error", () => {});

  const said: string[] = [];
  const waiting: ((line: string | null) => void)[] = [];
  let over = false;
  const hear = (line: string) => {
    if (options.onLine) return options.onLine(line);
    const next = waiting.shift();
    if (next) next(line);
    else said.push(line);
  };
  createInterface({ input: child.stdout }).on("line", hear);
  if (options.complaints === "heard") createInterface({ input: child.stderr }).on("line", hear);
  else if (options.complaints === "dropped") child.stderr.resume();
  else child.stderr.pipe(process.stderr, { end: false });
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      for (const next of waiting.splice(0)) next(null);
      resolve();
    };
    child.once("error", end);
    child.once("close", end);
  });

  const line = () =>
    new Promise<string | null>((resolve) => {
      const next = said.shift();
      if (next !== undefined || over) resolve(next ?? null);
      else waiting.push(resolve);
    });
  return {
    pid: child.pid ?? 0,
    line,
    ask(question) {
      child.stdin.write(`${question}\n`);
      return line();
    },
    finish: () => void child.stdin.end(),
    async kill(signal = "SIGKILL") {
      child.kill(signal);
      await ended;
    },
    ended,
    over: () => over,
  };
}
