import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { listen } from "../../auth-core/test/support/server.ts";
import { readKeyFile } from "../src/index.ts";
import { REF, TestServer } from "./server.ts";

// Starts processes and servers, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.+?)^\`\`\``, "gms"))].map(([, code = ""]) => code);
const run = promisify(execFile);

const server = new TestServer();

it("the README's example prints what its comments say", async () => {
  const [code = ""] = blocks("js");
  const platform = await listen(({ url, headers }, response) => {
    if (url === "/registry/register") response.end('{"auth_token":"the-token-that-was-issued"}');
    else response.writeHead(headers.authorization === "Bearer the-token-that-was-issued" ? 200 : 401).end();
  });
  const script = code.replaceAll("https://platform.example", platform);
  const promised = [...code.matchAll(/console\.log\(.+\/\/ (.+)$/gm)].map(([, said = ""]) => said);
  // Runs where the package resolves itself by name, as for its users.
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  expect(promised).toEqual(["200"]);
  expect(stdout.trim().split("\n")).toEqual(promised);
});

it("the README's grants are what a role needs", async () => {
  const [grants = ""] = blocks("sql");
  const { store, keys } = await server.prepared({ fleet: "heartbeat" });
  await server.query("create role agents login password 'of-the-test'");
  await server.query(grants);
  const url = server.url.replace(/\/\/.*@/, "//agents:of-the-test@");
  const agent = server.open({ url, keys });
  expect((await agent.inspect()).problems).toEqual([]);
  const storage = agent.storage(REF);
  await storage.probe();
  await storage.write("one");
  expect(await storage.replace("one", "two")).toBe(true);
  await storage.remove();
  expect(await agent.restore()).toBe(0);
  expect(await agent.reseal()).toBe(0);
  expect(await store.storage(REF).read()).toBeNull();
});

it("the README's key file is valid", async () => {
  const command = blocks("sh").find((block) => block.includes("umask")) ?? "";
  const folder = await mkdtemp(join(tmpdir(), "key-"));
  try {
    await run("sh", ["-c", command], { cwd: folder });
    const path = join(folder, "store.key");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readKeyFile(path)).toEqual([(await readFile(path, "utf8")).trim()]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
