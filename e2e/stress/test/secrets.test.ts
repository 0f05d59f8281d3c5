import fs from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFixtures } from "../src/fixtures/fixtures.ts";
import { instrument } from "../src/secrets/instrument.ts";
import { MARK } from "../src/secrets/mark.ts";
import { collectFrom } from "../src/secrets/suite.ts";

/** Runs a program with the collector. */
async function leaksOf(script: string): Promise<string[]> {
  const fixtures = createFixtures();
  onTestFinished(fixtures.end);
  const path = join(fixtures.directory(), "leaky.mjs");
  fs.writeFileSync(path, script);
  const { status, leaks } = await collectFrom(fixtures, [process.execPath, path], false);
  expect(status).toBe(0);
  for (const { line } of leaks) expect(line).not.toContain(MARK);
  return leaks.map(({ where }) => (where.split("/").at(-1) ?? "").replace(/-.*/, ""));
}

test("a token is found in either stream, in a child's dropped output, in an error, an event or an object", async () => {
  const token = JSON.stringify(`abcd-${MARK}-efgh`);
  const say = (stream: string) => JSON.stringify(`process.${stream}.write(${token})`);
  const leaks = await leaksOf(`
    import { spawn, spawnSync } from "node:child_process";
    import { randomBytes } from "node:crypto";
    console.log(${token});
    console.error(${token});
    console.log(randomBytes(32).toString("base64url"));
    spawn(process.execPath, ["-e", ${say("stdout")}]).stdout.resume();
    spawnSync(process.execPath, ["-e", ${say("stderr")}]);
    const collect = globalThis[Symbol.for("collect")];
    collect("error", new Error("x", { cause: ${token} }));
    const used = {};
    collect("object", used);
    used.token = ${token};
    collect("event", {});`);
  // The next object triggers another inspection of the error.
  expect(new Set(leaks)).toEqual(new Set(["error", "event", "object", "run", "stderr", "stdout"]));
  expect(leaks.filter((where) => where === "run")).toHaveLength(3);
});

test("output without a token is not a leak", async () => {
  expect(await leaksOf(`console.log("abcd… (42 characters)")`)).toEqual([]);
});

test("errors, events and public objects of the packages are collected", () => {
  const source = (path: string) =>
    instrument.transform(
      fs.readFileSync(new URL(`../../../packages/${path}`, import.meta.url), "utf8"),
      `/packages/${path}`,
    );
  const kinds = (path: string) =>
    [...(source(path) ?? "").matchAll(/collect"\)\]\?\.\("(\w+)"/g)].map(([, kind]) => kind);
  expect(kinds("auth-core/src/errors.ts")).toEqual(["error"]);
  expect(kinds("auth-core/src/caches.ts")).toEqual(["event"]);
  expect(kinds("auth-core/src/create-auth.ts")).toEqual(["object"]);
  expect(kinds("auth-node/src/file/events.ts")).toEqual(["event"]);
  expect(kinds("auth-core/dist/index.js").sort()).toEqual(["error", "event", "object", "object", "object"]);
  expect(kinds("auth-node/dist/index.js").sort()).toEqual(["event", "object", "object"]);
});
