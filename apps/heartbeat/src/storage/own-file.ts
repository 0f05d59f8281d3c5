import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Finds a file of this package's build by the package's name: from the sources, from a bundle of them and from the
 * build.
 */
export function builtFile(name: string): string {
  const manifest = createRequire(import.meta.url).resolve("@x/heartbeat/package.json");
  return join(dirname(manifest), "dist", name);
}
