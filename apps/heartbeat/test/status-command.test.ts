import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { control, heartbeat, listedFleet, outcome, outcomeOf } from "./processes.ts";
import { listen } from "./support/servers.ts";

/** Runs `heartbeat status` as an operator does. */
const status = (...args: readonly string[]) => outcomeOf(["status", ...args], {});

async function fleet() {
  const { url, file, args, env } = await listedFleet([ATLAS, BIRCH, COMET]);
  const runner = heartbeat([...args, "--status-port", "0"], env);
  const [, port = ""] = await runner.printed(/status at http:\/\/127\.0\.0\.1:(\d+)\/health/);
  await runner.printed(/(REGISTERED[\s\S]*){3}/);
  return { url, file, runner, port };
}

const serving = async (listener: RequestListener): Promise<string> =>
  String(await listen(createServer(listener)));

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
    expect(await status("--status-port", port, "--workspace", BIRCH)).toEqual(
      outcome(1, /^state +recovering$[\s\S]*^what to do +The platform rejects this token/m),
    );
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
    expect(unknown).toEqual(outcome(1, "has no workspace agent-9"));
  });

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
    const otherCluster = await serving((_, response) => {
      const health = { status: "ok", workspaces: { total: 0 } };
      const config = { last_reload_successful: true };
      response.end(JSON.stringify({ started_at: "2026-01-01", health, config, workspaces: [], cluster: {} }));
    });
    for (const port of [other, old, broken, partly, elsewhere, otherCluster]) {
      expect(await status("--status-port", port)).toEqual(
        outcome(2, /The server at http:\/\/127\.0\.0\.1:\d+ is not a runner of this version/),
      );
    }
    const endless = await serving((_, response) => {
      const more = () => void response.write("x".repeat(1_048_576), () => setImmediate(more));
      more();
    });
    expect(await status("--status-port", endless)).toEqual(
      outcome(2, /its answer is too long|no answer within/),
    );
    expect(await status("--status-port", "1")).toEqual(
      outcome(2, /No runner answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. .*--status-port/),
    );
    for (const port of ["0", "65536", "x"]) {
      const wrong = await status("--status-port", port);
      expect(wrong).toEqual(outcome(2, "--status-port must be"));
    }
  });

  it("shows a large fleet within little memory", async () => {
    const workspaces = Array.from({ length: 20_000 }, (_, index) => ({
      ...{ id: `workspace-${index}`, platform_url: "https://platform.example", state: "registering" },
      ...{ last_heartbeat_at: null, latency_ms: null, error_rate: 0, failures: 1, next_in_seconds: 1 },
      ...{ token_unsaved: false, platform_status: null, problem: null },
    }));
    const total = workspaces.length;
    const report = {
      ...{ version: "0.1.0", started_at: new Date().toISOString(), workspaces, cluster: null },
      health: {
        ...{ status: "ok", unsaved_tokens: 0, last_accepted_heartbeat_seconds: null },
        workspaces: { total, registering: total, alive: 0, recovering: 0, removed: 0 },
      },
      config: { last_reload_successful: true, last_reload_success_at: new Date().toISOString() },
    };
    const port = await serving((_, response) => response.end(JSON.stringify(report)));
    const args = ["status", "--status-port", port, "--json"];
    const { code, output } = await outcomeOf(args, { NODE_OPTIONS: "--max-old-space-size=200" });
    expect(JSON.parse(output).workspaces).toHaveLength(total);
    expect(code).toBe(0);
  });

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
