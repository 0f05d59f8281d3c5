import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const starter = (name: string) => fileURLToPath(new URL(`starters/${name}.ts`, import.meta.url));

/** Bundles the built packages, resolved through their `exports`, into one script. For browsers and workerd. */
export function bundle(name: string, format: "esm" | "iife"): Promise<string> {
  return compile(name, { format, platform: "browser" });
}

/**
 * Bundles only the suites: each runtime resolves and loads the built packages itself.
 */
export function compileFor(name: string): Promise<string> {
  return compile(name, { format: "esm", platform: "node", external: ["@x/*"] });
}

async function compile(name: string, options: import("esbuild").BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [starter(name)],
    bundle: true,
    write: false,
    target: "es2022",
    logLevel: "warning",
    ...options,
  });
  const [output] = outputFiles ?? [];
  if (output === undefined) throw new Error(`esbuild returned no output for ${name}`);
  return output.text;
}
