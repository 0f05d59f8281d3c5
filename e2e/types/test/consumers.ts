import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/**
 * How a project resolves packages, and whether its files are CommonJS. TypeScript 6 removed `node10`, which ignores
 * `exports`. Resolutions older than `nodenext` are tested in the two environments that differ most.
 */
const resolutions = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  node16: { module: "node16", moduleResolution: "node16", few: true },
  "node16 in CommonJS": { module: "node16", moduleResolution: "node16", few: true, commonjs: true },
  node10: { module: "commonjs", moduleResolution: "node10", few: true },
};

interface Resolution {
  readonly module: string;
  readonly moduleResolution: string;
  readonly few?: boolean;
  readonly commonjs?: boolean;
}

function isTried({ moduleResolution, few }: Resolution, compiler: string, around: string): boolean {
  if (moduleResolution === "node10" && !compiler.startsWith("5.")) return false;
  return !few || around === "nothing but the language" || around === "the DOM and @types/node";
}

/** The ambient types around a consumer, and the packages that it can use there. */
const environments = {
  "nothing but the language": {
    lib: [],
    types: [],
    consumers: ["core", "client", "testing", "runner", "emulator"],
  },
  "@types/node": {
    lib: [],
    types: ["node"],
    consumers: [
      "core",
      "fetch",
      "client",
      "client-fetch",
      "node",
      "interceptors",
      "postgres",
      "testing",
      "runner",
      "emulator",
    ],
  },
  "the DOM": {
    lib: ["DOM"],
    types: [],
    consumers: ["core", "fetch", "client", "client-fetch", "browser", "testing"],
  },
  "the DOM and @types/node": {
    lib: ["DOM"],
    types: ["node"],
    consumers: [
      ...["core", "fetch", "client", "client-fetch", "browser", "node", "interceptors", "testing"],
      ...["runner", "emulator"],
    ],
  },
  "a worker's library": {
    lib: ["WebWorker"],
    types: [],
    consumers: ["core", "fetch", "client", "client-fetch", "worker"],
  },
};

/** The compiler's errors for a consumer; empty if there are none. */
async function compile(
  compiler: string,
  name: string,
  options: object,
  files: readonly string[],
): Promise<string> {
  const config = join(here, "dist", `${name.replaceAll(/\W+/g, "-")}.json`);
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
      files,
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

/** The consumers' files; CommonJS ones in a folder marked as such. */
async function filesOf(consumers: readonly string[], { commonjs }: Resolution): Promise<string[]> {
  const names = consumers.map((consumer) => `${consumer}.ts`);
  const folder = join(here, "consumers");
  if (!commonjs) return names.map((name) => join(folder, name));
  const copies = join(here, "dist/commonjs");
  await mkdir(copies, { recursive: true });
  await writeFile(join(copies, "package.json"), '{ "type": "commonjs" }\n');
  return Promise.all(
    names.map(async (name) => {
      await copyFile(join(folder, name), join(copies, name));
      return join(copies, name);
    }),
  );
}

/** Registers a test for each combination of resolution and environment. */
export function consumersCompile(compiler: string): void {
  beforeAll(() => mkdir(join(here, "dist"), { recursive: true }));
  describe.concurrent(`under TypeScript ${compiler}, skipLibCheck off, a consumer compiles`, () => {
    const ways = Object.entries<Resolution>(resolutions).flatMap(([how, resolution]) =>
      Object.entries(environments)
        .filter(([around]) => isTried(resolution, compiler, around))
        .map(([around, environment]) => ({ how, resolution, around, environment })),
    );
    it.each(ways)("with $how and $around", async ({ how, resolution, around, environment }) => {
      const { lib, types, consumers } = environment;
      const { module, moduleResolution } = resolution;
      const options = { module, moduleResolution, lib: ["ES2022", ...lib], types };
      const files = await filesOf(consumers, resolution);
      expect(await compile(compiler, `${compiler} ${how} ${around}`, options, files)).toBe("");
    });
  });
}
