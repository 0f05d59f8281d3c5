// Empties a package's `dist` before a build. tsup's own `clean` runs beside its parallel builds, and can remove what another has written.
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
