import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { control, emulator, heartbeat } from "./processes.ts";

/** Runs `heartbeat status` as an operator does. */
async function status(...args: readonly string[]) {
  const asking = heartbeat(["status", ...args], {});
  const code = await asking.ended;
  return { code, output: asking.output() };
}

async function fleet() {
  const dir = await mkdtemp(join(tmpdir(), "heartbeat-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, "workspaces.json");
  await writeFile(file, JSON.stringify([ATLAS, BIRCH, COMET].map((id) => ({ id }))));
  const [url] = await emulator().printed(/http:\/\/127\.0\.0\.1:\d+/);
  const args = ["run", "--interval", "5", "--workspaces-file", file, "--status-port", "0"];
  const runner = heartbeat(args, { PLATFORM_URL: url, CONFIGS_DIR: dir });
  const [, port = ""] = await runner.printed(/status at http:\/\/127\.0\.0\.1:(\d+)\/health/);
  await runner.printed(/(REGISTERED[\s\S]*){3}/);
  return { url, file, runner, port };
}

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

describe("heartbeat status", () => {
  it("reports a healthy fleet, and then each workspace's problem with its fix", async () => {
    const { url, file, runner, port } = await fleet();
    const well = await status("--status-port", port);
    expect(well.output).toMatch(
      /^heartbeat \S+ at http:\/\/127\.0\.0\.1:\d+, up \d+ s: ok\n3 workspaces: 3 alive\n/,
    );
    for (const id of [ATLAS, BIRCH, COMET]) expect(well.output).toMatch(new RegExp(`^${id} +alive `, "m"));
    expect(well.code).toBe(0);
    expect(await status("--status-port", port, "--problems")).toMatchObject({
      code: 0,
      output: expect.not.stringContaining(ATLAS),
    });

    await control(url, `workspaces/${BIRCH}/rotate`);
    await runner.printed(/LOCKED_OUT/);
    const ill = await status("--status-port", port);
    expect(ill.code).toBe(1);
    expect(ill.output.split("\n")[4]).toMatch(
      new RegExp(`^${BIRCH} +recovering .* failed: .*\\(\\w+_FAILED:TOKEN_REJECTED\\)$`),
    );
    const only = await status("--status-port", port, "--problems");
    expect(only.output).toContain(BIRCH);
    expect(only.output).not.toContain(ATLAS);
    const one = await status("--status-port", port, "--workspace", BIRCH);
    expect(one.output).toMatch(/^state +recovering$[\s\S]*^what to do +The platform rejects this token/m);
    expect(one.code).toBe(1);
    expect(await status("--status-port", port, "--workspace", ATLAS.toUpperCase())).toMatchObject({
      code: 0,
    });

    const json = JSON.parse((await status("--status-port", port, "--problems", "--json")).output);
    expect(json).toMatchObject({
      ok: false,
      health: { status: "ok", workspaces: { total: 3, alive: 2, recovering: 1 } },
      config: { last_reload_successful: true },
      problems: [],
      workspaces: [
        { id: BIRCH, state: "recovering", problem: { code: expect.stringContaining("_FAILED:") } },
      ],
    });

    await writeFile(file, "[");
    await runner.printed(/CONFIG_REJECTED/);
    const rejected = await status("--status-port", port);
    expect(rejected.output).toMatch(/^✗ The changed configuration is invalid.*CONFIG_REJECTED/m);
    expect(await status("--status-port", port, "--workspace", ATLAS)).toMatchObject({ code: 0 });
  }, 90_000);

  it("reports an unknown workspace", async () => {
    const { port } = await fleet();
    const unknown = await status("--status-port", port, "--workspace", "agent-9");
    expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining("has no workspace agent-9") });
  }, 60_000);

  it("exits with 2 and a fix when no runner can be reached", async () => {
    const other = await serving((_, response) => response.end("hello"));
    const old = await serving((_, response) => response.writeHead(404).end());
    const broken = await serving((_, response) => response.end('{"workspaces":[]}'));
    const partly = await serving((_, response) =>
      response.end('{"workspaces":[null],"health":{"status":"ok"},"config":{}}'),
    );
    const elsewhere = await serving((_, response) =>
      response.writeHead(302, { location: "http://a.example" }).end(),
    );
    for (const port of [other, old, broken, partly, elsewhere]) {
      const asked = await status("--status-port", port);
      expect(asked.output).toMatch(/The server at http:\/\/127\.0\.0\.1:\d+ is not a runner of this version/);
      expect(asked.code).toBe(2);
    }
    const endless = await serving((_, response) => {
      const more = () => void response.write("x".repeat(1_048_576), () => setImmediate(more));
      more();
    });
    expect(await status("--status-port", endless)).toMatchObject({
      code: 2,
      output: expect.stringMatching(/its answer is too long|no answer within/),
    });
    const unreachable = await status("--status-port", "1");
    expect(unreachable.output).toMatch(
      /No runner answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. .*--status-port/,
    );
    expect(unreachable.code).toBe(2);
    for (const port of ["0", "65536", "x"]) {
      const wrong = await status("--status-port", port);
      expect(wrong).toMatchObject({ code: 2, output: expect.stringContaining("--status-port must be") });
    }
  }, 60_000);

  it("prints only plain text from the server's answer", async () => {
    const report = {
      version: "1\u001b[2J",
      started_at: new Date().toISOString(),
      health: { status: "ok", workspaces: { total: 1, alive: 1 } },
      config: { last_reload_successful: true, last_reload_success_at: "" },
      workspaces: [
        { id: "a\u001b]0;title\u0007\nb", platform_url: "", state: "alive", failures: 0, problem: null },
      ],
    };
    const port = await serving((_, response) => response.end(JSON.stringify(report)));
    const { output } = await status("--status-port", port);
    expect(output).toContain("heartbeat 1 at");
    expect(output).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
