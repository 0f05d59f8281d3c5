import os from "node:os";
import { pythonVersion } from "./python.ts";

/** The environment of the figures, and possible disturbances. */
export function machine(): Record<string, string> {
  return {
    node: process.version,
    python: pythonVersion() ?? "none",
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processors: `${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? "unknown"}`,
    "load average": os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(", "),
  };
}
