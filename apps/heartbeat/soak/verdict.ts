import { rmSync } from "node:fs";

/** Prints whether all checks passed, and sets the exit code. The directory with all logs is kept if they did not. */
export function endWithVerdict(failures: readonly string[], directory: string): void {
  const hasPassed = failures.length === 0;
  console.log(hasPassed ? "All checks passed." : `Failed: ${failures.join("; ")}. Files: ${directory}`);
  if (hasPassed) rmSync(directory, { recursive: true });
  process.exitCode = hasPassed ? 0 : 1;
}
