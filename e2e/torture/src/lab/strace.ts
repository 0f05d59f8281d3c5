import fs from "node:fs";
import { join } from "node:path";
import { type Child, start } from "./child.ts";
import type { Lab } from "./lab.ts";

/**
 * Watches a process's system calls for as long as `experiment` takes.
 *
 * @param calls which, as `strace -e trace=` takes them
 * @param inject what to do to them, such as `error=EIO:when=2`
 * @returns the calls beside its result, one a line; one that was made to fail says `INJECTED`
 */
export async function watchCalls<T>(
  lab: Lab,
  process: Child,
  { calls, inject }: { calls: string; inject?: string },
  experiment: () => Promise<T>,
): Promise<{ result: T; log: string[] }> {
  const path = join(lab.directory(), "calls");
  const filters = [
    "-e",
    `trace=${calls}`,
    ...(inject === undefined ? [] : ["-e", `inject=${calls}:${inject}`]),
  ];
  const strace = start(lab, ["strace", "-f", "-y", "-p", String(process.pid), "-o", path, ...filters], {
    complaints: "heard",
  });
  for (;;) {
    const line = await strace.line();
    if (line === null) throw new Error("strace could not follow a process.");
    if (line.includes("attached")) break;
  }
  const result = await experiment();
  // It lets go of the process, which goes on.
  await strace.kill("SIGINT");
  return { result, log: fs.readFileSync(path, "utf8").split("\n") };
}
