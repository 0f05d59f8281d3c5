import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { expect, it } from "vitest";

it("a command is run in Jest, whose CommonJS has no dynamic imports", async () => {
  const require = createRequire(import.meta.url);
  const filename = require.resolve("@x/auth-node");
  const module = { exports: {} as typeof import("./index.ts") };
  const load = compileFunction(readFileSync(filename, "utf8"), ["module", "require", "__filename"], {
    filename,
  });
  load(module, require, filename);
  const source = module.exports.commandTokenSource(process.execPath, ["-p", "'some-token'"]);
  expect(await source.read()).toBe("some-token");
});
