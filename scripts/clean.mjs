// Empties a package's `dist` before a build. tsup's own `clean` runs concurrently with its parallel builds, and can delete another's output.
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
