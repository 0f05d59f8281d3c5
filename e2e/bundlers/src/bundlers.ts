import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { createLogger, build as vite } from "vite";
import webpack from "webpack";

export interface Bundle {
  readonly code: string;
  readonly warnings: readonly string[];
}

/** Bundles an entry for the browser into `folder`, with the bundler's defaults. */
export type Bundler = (entry: string, folder: string) => Promise<Bundle>;

export const bundlers: Readonly<Record<string, Bundler>> = {
  async esbuild(entry, folder) {
    const file = join(folder, "app.js");
    const { warnings } = await esbuild({
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      logLevel: "silent",
    });
    return { code: await readFile(file, "utf8"), warnings: warnings.map(({ text }) => text) };
  },

  async vite(entry, folder) {
    const warnings: string[] = [];
    const logger = createLogger("silent");
    const keep = (text: string) => void warnings.push(text);
    await vite({
      configFile: false,
      logLevel: "warn",
      root: folder,
      customLogger: { ...logger, warn: keep, warnOnce: keep, error: keep },
      build: {
        outDir: join(folder, "out"),
        rollupOptions: { input: entry, output: { entryFileNames: "app.js" } },
      },
    });
    return { code: await readFile(join(folder, "out/app.js"), "utf8"), warnings };
  },

  async webpack(entry, folder) {
    const compiler = webpack({
      entry,
      mode: "production",
      target: "web",
      output: { path: folder, filename: "app.js" },
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler.run((error, result) => (error ? reject(error) : resolve(result)));
    });
    await new Promise((resolve) => compiler.close(resolve));
    const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
    return {
      code: errors.length > 0 ? "" : await readFile(join(folder, "app.js"), "utf8"),
      warnings: [...errors, ...warnings].map(({ message }) => message),
    };
  },
};
