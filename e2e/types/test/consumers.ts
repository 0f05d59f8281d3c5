import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

const resolutions = { bundler: { module: "esnext" }, nodenext: { module: "nodenext" } };

/** What is declared around the consumer, and what it can use there. */
const environments = {
  "nothing but the language": { lib: [], types: [], consumers: ["core", "client", "testing"] },
  "@types/node": {
    lib: [],
    types: ["node"],
    consumers: ["core", "fetch", "client", "client-fetch", "node", "testing"],
  },
  "the DOM": {
    lib: ["DOM"],
    types: [],
    consumers: ["core", "fetch", "client", "client-fetch", "browser", "testing"],
  },
  "the DOM and @types/node": {
    lib: ["DOM"],
    types: ["node"],
    consumers: ["core", "fetch", "client", "client-fetch", "browser", "node", "testing"],
  },
  "a worker's library": {
    lib: ["WebWorker"],
    types: [],
    consumers: ["core", "fetch", "client", "client-fetch", "worker"],
  },
};

/** What the compiler says of a consumer; nothing when it is content. */
async function compile(
  compiler: string,
  name: string,
  options: object,
  consumers: readonly string[],
): Promise<string> {
  const config = join(here, "dist", `${name.replaceAll(/\W+/g, "-")}.json`);
  await mkdir(dirname(config), { recursive: true });
  await writeFile(
    config,
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        ...options,
      },
      files: consumers.map((consumer) => join(here, "consumers", `${consumer}.ts`)),
    }),
  );
  const manifest = require.resolve(`typescript-${compiler}/package.json`);
  const { bin, version } = JSON.parse(await readFile(manifest, "utf8"));
  expect(version).toMatch(new RegExp(`^${compiler.replace(".", "\\.")}\\.`));
  const arguments_ = [join(dirname(manifest), bin.tsc), "-p", config];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, arguments_).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return stdout + stderr;
}

/** Registers a test for each way in which a consumer may be set up. */
export function consumersCompile(compiler: string): void {
  describe.concurrent(`under TypeScript ${compiler}, skipLibCheck off, a consumer compiles`, () => {
    for (const [moduleResolution, { module }] of Object.entries(resolutions)) {
      for (const [around, { lib, types, consumers }] of Object.entries(environments)) {
        it(`with ${moduleResolution} and ${around}`, async ({ expect }) => {
          const options = { module, moduleResolution, lib: ["ES2022", ...lib], types };
          const name = `${compiler} ${moduleResolution} ${around}`;
          expect(await compile(compiler, name, options, consumers)).toBe("");
        });
      }
    }
  });
}
