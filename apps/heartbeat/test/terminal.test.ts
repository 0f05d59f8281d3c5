import { describe, expect, it } from "vitest";
import { storedToken } from "./fleet-scene.ts";
import { ATLAS, BIRCH, COMET } from "./ids.ts";
import { control, heartbeat, listedFleet } from "./processes.ts";
import { CTRL_C, hasTerminals, inTerminal } from "./terminal.ts";

/** Throws an uncaught error on request. */
const CRASH_ON_USR2 = {
  NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('crashed'))})`,
};

const setUp = (ids = [ATLAS, BIRCH, COMET]) => listedFleet(ids);

async function heartbeats(url: string): Promise<number> {
  const recorded = (await (await fetch(`${url}/emulator/requests`)).json()) as {
    requests: { path: string }[];
  };
  return recorded.requests.filter(({ path }) => path === "/registry/heartbeat").length;
}

const asLines = { timeout: 15_000 };

describe("heartbeat run in a real terminal", () => {
  if (!hasTerminals) {
    it("cannot be tested here: util-linux's script, part of every common Linux, is missing", () => {
      expect(process.platform, "install util-linux").not.toBe("linux");
    });
    return;
  }

  it("shows a live table with warnings above it, and restores the terminal at Ctrl-C", async () => {
    const { url, args, env } = await setUp();
    const { screen, type, ended } = await inTerminal(args, env);
    await expect.poll(() => screen.lines(), asLines).toContain("3 workspaces: 3 alive");
    expect(
      screen.lines().filter((line) => new RegExp(`^(${ATLAS}|${BIRCH}|${COMET}) +alive `).test(line)),
    ).toHaveLength(3);
    expect(screen.cursorVisible).toBe(false);

    await control(url, "outage", { kind: "status", status: 503 });
    await expect
      .poll(() => screen.lines().join("\n"), asLines)
      .toMatch(/WARN.*heartbeat failed: 503[\s\S]*recovering/);
    await control(url, "outage", { kind: null });
    await expect.poll(() => screen.lines(), asLines).toContain("3 workspaces: 3 alive");

    type(CTRL_C);
    expect(await ended).toBe(0);
    expect(screen.cursorVisible).toBe(true);
    expect(screen.lines().filter((line) => /^3 workspaces: /.test(line))).toHaveLength(1);
    expect(
      screen
        .lines()
        .filter((line) => line !== "")
        .at(-1),
    ).toMatch(/stopped \(STOPPED\)$/);
  });

  it("restores the cursor and prints pending lines when it crashes", async () => {
    const { args, env } = await setUp();
    const { screen, kill, ended } = await inTerminal([...args, "--log-level", "debug"], {
      ...env,
      ...CRASH_ON_USR2,
    });
    await expect.poll(() => screen.lines(), asLines).toContain("3 workspaces: 3 alive");
    kill("SIGUSR2");
    expect(await ended).toBe(1);
    // The last output is still on its way through the terminal.
    await expect.poll(() => screen.history().join("\n"), asLines).toContain("crashed");
    await expect.poll(() => screen.cursorVisible).toBe(true);
  });

  it("keeps its workspaces alive when its terminal is closed, and then ends on SIGTERM", async () => {
    const { url, args, env } = await setUp();
    const { screen, kill, hangUp, isRunning } = await inTerminal(args, env);
    await expect.poll(() => screen.lines(), asLines).toContain("3 workspaces: 3 alive");
    kill("SIGHUP");
    await expect.poll(() => screen.lines().join("\n"), asLines).toContain("no workspace changed");
    hangUp();
    const before = await heartbeats(url);
    await expect.poll(() => heartbeats(url), asLines).toBeGreaterThan(before + 3);
    expect(isRunning()).toBe(true);
    kill("SIGTERM");
    await expect.poll(isRunning, asLines).toBe(false);
  });

  it("moves the cursor but uses no colour with NO_COLOR", async () => {
    const { args, env } = await setUp();
    const { screen, bytes, type, ended } = await inTerminal(args, { ...env, NO_COLOR: "1" });
    await expect.poll(() => screen.lines(), asLines).toContain("3 workspaces: 3 alive");
    type(CTRL_C);
    expect(await ended).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(bytes()).not.toMatch(/\u001b\[[\d;]*m/);
  });

  it.each([
    ["--quiet", ["--quiet"], {}],
    ["a terminal that cannot move its cursor", [], { TERM: "dumb" }],
  ])("shows no table with %s", async (_, flags, variables) => {
    const { url, args, env } = await setUp();
    const { screen, bytes, type, ended } = await inTerminal([...args, ...flags], { ...env, ...variables });
    await control(url, "outage", { kind: "status", status: 503 });
    await expect.poll(() => screen.lines().join("\n"), asLines).toMatch(/WARN: [\w-]+: \w+ failed: 503/);
    type(CTRL_C);
    expect(await ended).toBe(0);
    expect(bytes()).not.toContain("3 workspaces: ");
    expect(screen.history().some((line) => line.includes("INFO"))).toBe(flags.length === 0);
  });

  it("shows lines, and no table, for a single workspace", async () => {
    const { args, env } = await setUp([ATLAS]);
    const { screen, bytes, type, ended } = await inTerminal(args, env);
    await expect.poll(() => screen.lines().join("\n"), asLines).toContain(`${ATLAS}: registered`);
    type(CTRL_C);
    expect(await ended).toBe(0);
    expect(bytes()).not.toContain("latency");
    expect(bytes()).not.toContain("\u001b[?25l");
  });
});

describe("heartbeat run without a terminal", () => {
  it("falls back to a line of JSON for each event", async () => {
    const { args, env } = await setUp();
    const runner = heartbeat(args, env);
    for (const id of [ATLAS, BIRCH, COMET]) await runner.printed(new RegExp(`${id}.*registered`));
    expect(await runner.stop()).toBe(0);
    expect(runner.logged()).toContainEqual(
      expect.objectContaining({ workspace_id: ATLAS, msg: "registered" }),
    );
    expect(runner.output()).not.toContain("\u001b");
  });

  it("logs only problems with --quiet, and every heartbeat with --log-level debug", async () => {
    const { args, env } = await setUp();
    const chatty = heartbeat([...args, "--log-level", "debug"], env);
    await chatty.printed(/heartbeat accepted in \d+ ms/);

    const { url, ...quietly } = await setUp();
    const quiet = heartbeat([...quietly.args, "--quiet"], quietly.env);
    const registered = (id: string) => storedToken(quietly.env.CONFIGS_DIR, url, id);
    for (const id of [ATLAS, BIRCH, COMET]) await expect.poll(() => registered(id), asLines).not.toBeNull();
    expect(quiet.output()).toBe("");
    await control(url, "outage", { kind: "status", status: 503 });
    await quiet.printed(/"level":"warn".*heartbeat failed: 503/);
  });
});
