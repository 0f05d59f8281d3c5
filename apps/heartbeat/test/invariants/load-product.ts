import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

export type Product = typeof import("./product.ts");

/** One change to one source file. */
export interface Mutation {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replacement: string;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));

export const PRODUCT = new URL("./product.ts", import.meta.url);

/**
 * The product as built from the sources, optionally with one mutation.
 *
 * @throws Error when the mutation no longer matches the sources
 */
export const loadProduct = (mutation?: Mutation): Promise<Product> => loadSources<Product>(PRODUCT, mutation);

/**
 * The exports of a source file, optionally with one mutation.
 *
 * @throws Error when the mutation no longer matches the sources
 */
export async function loadSources<T>(entry: URL, mutation?: Mutation): Promise<T> {
  let mutated = 0;
  const sources: Plugin = {
    name: "sources",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@x\// }, ({ path }) => ({
        path: `${root}packages/${path.slice("@x/".length)}/src/index.ts`,
      }));
      // The model provides its own network; a CommonJS package would be bundled whole.
      onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "none" }));
      onLoad({ filter: /.*/, namespace: "none" }, () => ({
        contents: "export class Client {}; export class Pool {}; export const buildConnector = () => {};",
      }));
      if (mutation === undefined) return;
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== root + mutation.file) return undefined;
        mutated += 1;
        return { contents: mutate(await readFile(path, "utf8"), mutation), loader: "ts" };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    plugins: [sources],
    logLevel: "silent",
  });
  if (mutation !== undefined && mutated !== 1) throw new Error(`${mutation.file} is not part of the product`);
  const directory = await mkdtemp(join(tmpdir(), "product-"));
  try {
    const path = join(directory, "product.mjs");
    await writeFile(path, outputFiles[0]?.contents ?? "");
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function mutate(source: string, { file, find, replacement }: Mutation): string {
  const [before = "", after, more] = source.split(find);
  if (after === undefined || more !== undefined) {
    throw new Error(`${file} must contain this exactly once: ${find}`);
  }
  return before + replacement + after;
}
