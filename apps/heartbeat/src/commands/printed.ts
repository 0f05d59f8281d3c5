import type { Screen } from "../observability/display.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/**
 * For a command whose output is its result: waits for a slow reader, and says so if the output could not be written.
 * Returns false then.
 */
export async function isPrinted({ outputs: { out, err } }: Pick<Screen, "outputs">): Promise<boolean> {
  const code = await out.written();
  // A reader that leaves, as `head` does, has what it needs.
  if (code === null || code === "EPIPE") return true;
  err.write(`The output is incomplete: it could not be written (${code}).\n`);
  return false;
}

/** The exit code of a report, which is worth nothing if it was not printed. */
export async function reported(screen: Pick<Screen, "outputs">, code: ExitCode): Promise<ExitCode> {
  return !(await isPrinted(screen)) && code === EXIT.ok ? EXIT.problem : code;
}
