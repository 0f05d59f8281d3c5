import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type ChildName =
  | "headers"
  | "save"
  | "load"
  | "idle"
  | "growth"
  | "handshakes"
  | "pace"
  | "platform"
  | "store"
  | "shared-fleet"
  | "upkeep";

/** A separate process, with its own heap, compiled code and CPU time. */
export async function startChild(
  name: ChildName,
  nodeFlags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const child = fork(path, {
    execArgv: [...nodeFlags],
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  await answer(child, ended);
  return {
    async ask<T>(task: object): Promise<T> {
      child.send(task);
      return (await answer(child, ended)) as T;
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

/** Starts a process for one task. @returns the task's result */
export async function runChild<T>(task: object, ...started: Parameters<typeof startChild>): Promise<T> {
  const child = await startChild(...started);
  const result = await child.ask<T>(task);
  await child.stop();
  return result;
}

async function answer(child: ReturnType<typeof fork>, ended: Promise<unknown[]>): Promise<unknown> {
  const [message] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => Promise.reject(new Error(`A measuring process ended early (${String(code)}).`))),
  ]);
  return message;
}

/** The child's side: runs tasks, one at a time, until the parent disconnects. */
export function serveTasks<Task>(perform: (task: Task) => Promise<unknown>): void {
  process.on("message", (task: Task) => {
    void perform(task).then((result) => process.send?.(result ?? null));
  });
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
}
