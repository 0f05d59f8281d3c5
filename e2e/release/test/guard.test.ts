import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectionsIn, preload } from "../src/registry.ts";
import { run } from "../src/run.ts";

const server = createServer((_, response) => response.end("hello"));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "guard-"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Runs a script under the guard. @returns its output and its connection attempts */
async function guarded(script: string, allow: string): Promise<{ printed: string; connections: string[] }> {
  const log = join(folder, `${Math.random()}.log`);
  const env = { PATH: process.env.PATH, NODE_OPTIONS: preload, GUARD_LOG: log, GUARD_ALLOW: allow };
  const printed = await run(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    env,
  });
  return { printed: printed.trim(), connections: connectionsIn(await readFile(log, "utf8")) };
}

const reason = "console.log(error.cause?.message ?? error.message)";

it.each([
  ["fetch", `await fetch("https://elsewhere.invalid/").catch((error) => ${reason})`],
  [
    "https",
    `(await import("node:https")).get("https://elsewhere.invalid/").on("error", (error) => ${reason})`,
  ],
  ["tls", `(await import("node:tls")).connect(443, "elsewhere.invalid").on("error", (error) => ${reason})`],
  ["net", `(await import("node:net")).connect(443, "elsewhere.invalid").on("error", (error) => ${reason})`],
])("a guarded process cannot connect with %s, not even to resolve a name", async (_, script) => {
  const { printed, connections } = await guarded(script, "127.0.0.1:1");
  expect(printed).toBe("rejected by the rehearsal: a connection to elsewhere.invalid:443");
  expect(connections).toStrictEqual(["elsewhere.invalid:443"]);
});

it("child processes of a guarded process are guarded, too", async () => {
  const script = `fetch("https://elsewhere.invalid/").catch((error) => ${reason})`;
  const parent = `import { execFileSync } from "node:child_process";
    console.log(execFileSync(process.execPath, ["--eval", ${JSON.stringify(script)}], { encoding: "utf8" }));`;
  expect((await guarded(parent, "127.0.0.1:1")).connections).toStrictEqual(["elsewhere.invalid:443"]);
});

it("only the allowed address can be reached, not another port of the host", async () => {
  const { port } = server.address() as AddressInfo;
  const ask = `console.log(await (await fetch("http://127.0.0.1:${port}/")).text())`;
  expect(await guarded(ask, `127.0.0.1:${port}`)).toStrictEqual({
    printed: "hello",
    connections: [`127.0.0.1:${port}`],
  });
  await expect(guarded(ask, "127.0.0.1:1")).rejects.toThrow("rejected by the rehearsal");
});
