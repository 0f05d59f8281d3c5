import { describe, expect, it } from "vitest";
import { runCli } from "../src/cli.ts";
import { AGENT } from "./ids.ts";
import { ask, field } from "./support.ts";

/** Runs the command until it has printed this many lines. */
function run(args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const stop = new AbortController();
  let printed = () => {};
  const io = {
    out: (line: string) => {
      out.push(line);
      printed();
    },
    err: (line: string) => void err.push(line),
    stop: stop.signal,
  };
  const code = runCli(args, io);
  const until = (found: () => boolean) =>
    new Promise<void>((resolve) => {
      printed = () => found() && resolve();
      printed();
    });
  return { out, err, code, until, stop: () => stop.abort() };
}

describe("the command", () => {
  it.each(["json", "logfmt"])("with --log-format %s prints only lines in that format", async (format) => {
    const command = run(["--port", "0", "--log-format", format]);
    await command.until(() => command.out.length > 0);
    const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(command.out[0] ?? "") ?? [];
    await ask({ url }, "/registry/register", {
      body: { id: AGENT, agent_card: { name: "a" }, delivery_mode: "poll" },
    });
    await ask({ url }, "/registry/heartbeat", { body: { workspace_id: AGENT } });
    await command.until(() => command.out.some((line) => line.includes("UNAUTHORIZED")));
    command.stop();
    expect(await command.code).toBe(0);
    const about =
      format === "json"
        ? `"workspace_id":"${AGENT}","code":"REGISTERED"`
        : `workspace_id=${AGENT} code=REGISTERED`;
    expect(command.out.join("\n")).toContain(about);
    for (const line of command.out) {
      if (format === "json")
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), code: expect.any(String) });
      else expect(line).toMatch(/^time=\S+ level=(info|warn) (workspace_id=\S+ )?code=[A-Z_]+ msg=".*"$/);
    }
    expect(command.out.find((line) => line.includes("UNAUTHORIZED"))).toMatch(/level"?[:=]"?warn/);
  });

  it("prints its URL and its controls, serves, logs events, and closes", async () => {
    const command = run([
      "--port",
      "0",
      "--contract",
      "v1",
      "--org-id",
      "org-1",
      "--rate-limit",
      "5",
      "--host",
      "a.test",
      "--host",
      "b.test",
    ]);
    await command.until(() => command.out.length > 8);
    const [url = ""] = command.out;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(command.out.join("\n")).toContain(`${url}/emulator/outage`);
    const health = await ask({ url }, "/health");
    expect([health.status, health.headers["x-ratelimit-limit"]]).toEqual([200, "5"]);
    for (const [host, status] of [
      ["a.test", 200],
      ["b.test", 200],
      ["c.test", 403],
    ] as const) {
      expect((await ask({ url }, "/emulator/state", { headers: { host } })).status).toBe(status);
    }
    expect((await ask({ url }, "/emulator/state")).json).toMatchObject({
      contract: "v1",
      tenant_guard: true,
    });

    const body = { id: AGENT, url: "http://localhost:9", agent_card: {} };
    const token = String(field((await ask({ url }, "/registry/register", { body })).json, "auth_token"));
    await ask({ url }, "/registry/heartbeat", { body: { workspace_id: AGENT } });
    for (const [path, sent] of [
      [`workspaces/${AGENT}/rotate`, {}],
      [`workspaces/${AGENT}/revoke`, undefined],
      [`workspaces/${AGENT}/remove`, undefined],
      ["outage", { kind: "status", status: 503 }],
      ["outage", { kind: null }],
      ["latency", { ms: 0 }],
    ] as const) {
      await ask({ url }, `/emulator/${path}`, { method: "POST", body: sent });
    }
    const logged = command.out.slice(10).map((line) => line.replace(/^[\d:.]+ +/, ""));
    expect(logged).toEqual([
      `${AGENT} is online`,
      `${AGENT} registered, and got a token`,
      `${AGENT} 401 missing token: POST /registry/heartbeat`,
      expect.stringMatching(new RegExp(`^${AGENT} rotated: .{8}…$`)),
      `${AGENT} lost 1 token`,
      `${AGENT} was removed`,
      "outage: all requests: answered 503",
      "outage over",
      "latency: 0 ms",
    ]);
    expect(command.out.join("\n").includes(token)).toBe(false);
    command.stop();
    expect(await command.code).toBe(0);
    await expect(ask({ url }, "/health")).rejects.toThrow();
  });

  it.each([
    ["--port", ["--port", "eighty"]],
    ["--port", ["--port", "65536"]],
    ["--contract", ["--contract", "v3"]],
    ["--rate-limit", ["--rate-limit", "0"]],
    ["--org-id:", ["--org-id", "a b"]],
    ["--admin-token:", ["--admin-token", ""]],
    ["--host:", ["--host", "http://a.test"]],
    ["--colour", ["--colour"]],
    ["too many arguments", ["start"]],
  ])("reports %s in one line, and exits with 2", async (name, args) => {
    const command = run(args);
    expect(await command.code).toBe(2);
    expect(command.out).toEqual([]);
    expect(command.err).toHaveLength(1);
    expect(command.err[0]).toMatch(/^error: [^\n]+$/);
    expect(command.err[0]).toContain(name);
  });

  it("reports a taken port, and exits with 1", async () => {
    const first = run(["--port", "0"]);
    await first.until(() => first.out.length > 0);
    const second = run(["--port", new URL(first.out[0] ?? "").port]);
    expect(await second.code).toBe(1);
    expect(second.err).toEqual([expect.stringMatching(/^error: port \d+ is taken/)]);
    first.stop();
    expect(await first.code).toBe(0);
  });

  it("prints its help", async () => {
    const command = run(["--help"]);
    expect(await command.code).toBe(0);
    expect(command.out.join("\n")).toContain("--rate-limit");
  });
});

it("--version prints the version, and exits with 0", async () => {
  const command = run(["--version"]);
  expect(await command.code).toBe(0);
  expect(command.out.join("")).toMatch(/^\d+\.\d+\.\d+/);
});
