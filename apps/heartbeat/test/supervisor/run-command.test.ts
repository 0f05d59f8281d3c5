import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ATLAS } from "../ids.ts";
import { heartbeatsOf } from "../library/scene.ts";
import { HEARTBEAT, heartbeat, outcome, outcomeOf, startProgram } from "../processes.ts";
import { ask } from "../proxy/scene.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startPlatform } from "../support/platform.ts";

const soon = { timeout: 30_000 };

/** A platform, a workspace's directory, and a runner with a command. */
async function createScene(env: Record<string, string> = {}) {
  const emulator = await startPlatform();
  const directory = temporaryDirectory();
  const environment: Record<string, string> = {
    PLATFORM_URL: emulator.url,
    WORKSPACE_ID: ATLAS,
    CONFIGS_DIR: directory,
    XDG_RUNTIME_DIR: directory,
    ...env,
  };
  const run = (command: readonly string[], ...flags: readonly string[]) =>
    heartbeat(["run", "--interval", "5", ...flags, "--", ...command], environment);
  return {
    emulator,
    directory,
    environment,
    file: join(directory, ".auth_token"),
    run,
    shell: (script: string, ...flags: readonly string[]) => run(["sh", "-c", script], ...flags),
  };
}

describe("run -- <command>", { timeout: 90_000 }, () => {
  it("starts it once the workspace is registered, and exits when it does, with its exit code", async () => {
    const { emulator, directory, shell } = await createScene();
    const running = shell("echo started; read line; echo $line; exit 7");
    await expect.poll(running.stdout, soon).toBe("started\n");
    expect(emulator.workspaces()).toMatchObject([{ status: "online" }]);
    await expect.poll(() => heartbeatsOf(emulator).length, soon).toBeGreaterThan(1);
    running.child.stdin?.write("from standard input\n");
    expect(await running.ended).toBe(7);
    expect(running.stdout()).toBe("started\nfrom standard input\n");
    expect(running.stderr()).toContain('"code":"COMMAND_ENDED"');
    const count = emulator.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(emulator.requests).toHaveLength(count);
    expect((await readdir(directory)).filter((name) => name.startsWith("heartbeat-"))).toEqual([]);
  });

  it("passes signals on, and exits like a shell if one ended it", async () => {
    const { shell } = await createScene();
    const trapping = shell(
      'for s in HUP INT USR2 TERM; do trap "echo got $s" $s; done; echo ready; i=0; while [ $i -lt 4 ]; do sleep 0.2 & wait $!; [ $? -gt 128 ] && i=$((i+1)); done; exit 3',
    );
    await expect.poll(trapping.stdout, soon).toContain("ready");
    for (const [index, signal] of (["SIGHUP", "SIGUSR2", "SIGTERM", "SIGHUP"] as const).entries()) {
      trapping.child.kill(signal);
      await expect.poll(() => trapping.stdout().match(/got/g)?.length ?? 0, soon).toBe(index + 1);
    }
    expect(await trapping.ended).toBe(3);
    expect(trapping.stdout()).toBe("ready\ngot HUP\ngot USR2\ngot TERM\ngot HUP\n");
    const plain = shell("echo ready; exec sleep 300");
    await expect.poll(plain.stdout, soon).toContain("ready");
    expect(await plain.stop()).toBe(128 + 15);
  });

  it("passes its token by paths, even through a rotation, never in its environment", async () => {
    const { emulator, file, shell } = await createScene();
    const running = shell("env; echo; read line");
    await expect.poll(running.stdout, soon).toContain("\n\n");
    const env = new Map(
      running
        .stdout()
        .split("\n")
        .map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]),
    );
    const token = await readFile(file, "utf8");
    expect(running.stdout()).not.toContain(token);
    expect(env.get("MOLECULE_WORKSPACE_TOKEN_FILE")).toBe(file);
    expect(env.get("PLATFORM_URL")).toBe(emulator.url);
    expect(env.get("WORKSPACE_ID")).toBe(ATLAS);
    const socket = env.get("HEARTBEAT_PROXY_SOCKET") ?? "";
    const state = async () => (await ask(socket, `/workspaces/${ATLAS}/state`)).status;
    expect(await state()).toBe(200);
    await writeFile(file, emulator.rotate(ATLAS));
    expect(await state()).toBe(200);
    running.child.stdin?.end("\n");
    expect(await running.ended).toBe(0);
    expect(running.stderr()).not.toContain(token);
    expect(existsSync(socket)).toBe(false);
  });

  it("passes it a copy of a token that has no file, and the token itself only when asked", async () => {
    const scene = await createScene();
    const token = scene.emulator.create(ATLAS);
    scene.environment.MOLECULE_WORKSPACE_TOKEN = token;
    const script =
      // Reversed, so that a search of all output for tokens does not find it.
      'echo $MOLECULE_WORKSPACE_TOKEN_FILE; rev "$MOLECULE_WORKSPACE_TOKEN_FILE"; echo; printf "in env: "; echo "$MOLECULE_WORKSPACE_TOKEN" | rev';
    const without = scene.shell(script);
    expect(await without.ended).toBe(0);
    const [path = "", copy, inEnv] = without.stdout().split("\n");
    const backwards = [...token].reverse().join("");
    expect([copy, inEnv]).toEqual([backwards, "in env: "]);
    expect(path.startsWith(join(scene.directory, "heartbeat-"))).toBe(true);
    expect(existsSync(path)).toBe(false);
    const asked = scene.shell(script, "--token-env");
    expect(await asked.ended).toBe(0);
    expect(asked.stdout()).toContain(`in env: ${backwards}`);
    expect(without.stderr() + asked.stderr()).not.toContain(token);
  });

  it("that cannot be started exits with 127 or 126 and an error", async () => {
    const { run, directory } = await createScene();
    const missing = run(["no-such-program"]);
    expect(await missing.ended).toBe(127);
    expect(missing.stderr()).toContain("no-such-program: it was not found");
    await writeFile(join(directory, "data"), "no program", { mode: 0o644 });
    expect(await run([join(directory, "data")]).ended).toBe(126);
    // An error that `spawn` throws.
    const below = run([join(directory, "data", "program")]);
    expect(await below.ended).toBe(126);
    expect(below.stderr()).toContain("it could not be started (ENOTDIR)");
    expect((await readdir(directory)).filter((name) => name.startsWith("heartbeat-"))).toEqual([]);
  });

  it("is restarted according to --restart, while the workspace stays online", async () => {
    const { emulator, directory, shell } = await createScene();
    const counting = `echo x >> ${directory}/starts; [ $(wc -l < ${directory}/starts) -ge 3 ] || exit 5`;
    const running = shell(counting, "--restart", "on-failure");
    expect(await running.ended).toBe(0);
    expect(await readFile(join(directory, "starts"), "utf8")).toBe("x\nx\nx\n");
    expect(running.stderr()).toMatch(/started again in 1 s[\s\S]*started again in 2 s/);
    expect(emulator.requests.filter(({ path }) => path === "/registry/register")).toHaveLength(1);
    const always = shell("echo run; exit 0", "--restart", "always");
    await expect.poll(() => always.stdout().match(/run/g)?.length, soon).toBeGreaterThan(1);
    expect(await always.stop()).toBe(0);
  });

  it("is not started after a signal that came before the workspace was registered", async () => {
    const { emulator, shell } = await createScene();
    emulator.outage({ kind: "hang" });
    const running = shell("echo started");
    await expect.poll(() => emulator.requests.length, soon).toBeGreaterThan(0);
    expect(await running.stop()).toBe(128 + 15);
    expect(running.stdout()).toBe("");
  });

  it("is not started when the platform rejects the token", async () => {
    const scene = await createScene();
    scene.emulator.create(ATLAS);
    await writeFile(scene.file, "wrong-token-0123456789abcdefghij");
    const running = scene.shell("echo started");
    expect(await running.ended).toBe(3);
    expect(running.stdout()).toBe("");
  });

  it.each(["socket", "pipe"])(
    "does not delay heartbeats, whatever it does with the shared %s",
    async (kind) => {
      const { emulator, environment } = await createScene();
      const args = [HEARTBEAT, "run", "--interval", "5", "--log-level", "trace", "--", "sh", "-c", "yes >&2"];
      const [file, ...rest] =
        kind === "socket"
          ? [process.execPath, ...args]
          : ["sh", "-c", '"$@" 2>&1 >/dev/null | sleep 300', "sh", process.execPath, ...args];
      // Nothing reads the output.
      const child = spawn(file ?? "", rest, {
        env: { PATH: process.env.PATH, ...environment },
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      });
      onTestFinished(() => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      });
      await expect.poll(() => heartbeatsOf(emulator).length, soon).toBeGreaterThan(3);
    },
  );

  it("works as process 1 of a container: signals, exit code, and its own children", async () => {
    const { environment } = await createScene();
    const script = "(sleep 0.1 &); trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.1; done";
    const child = startProgram(
      [
        ...["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", process.execPath, HEARTBEAT],
        ...["run", "--", "sh", "-c", `echo $PPID; ${script}`],
      ],
      { env: environment },
    );
    const status = await child.ended;
    expect(child.output()).toContain("COMMAND_STARTED");
    expect([child.stdout(), status]).toEqual(["1\n", 9]);
  });
});

it.each([
  [["run", "sh"], "write -- before the command"],
  [["run", "--"], "write a command after --"],
  [["run", "--restart", "sometimes", "--", "sh"], "no, on-failure or always"],
  [["run", "--restart", "always"], "are for a command"],
  [["run", "--proxy-socket", " "], "--proxy-socket must be a path"],
])("%j is a mistake, exit code 2", async (args, problem) => {
  const env = { PLATFORM_URL: "http://127.0.0.1:9", WORKSPACE_ID: ATLAS };
  expect(await outcomeOf(args, env)).toEqual(outcome(2, problem));
});

it("run --proxy-socket signs requests of other programs, and removes the socket at the end", async () => {
  const { environment, directory } = await createScene();
  const socket = join(directory, "a.sock");
  const running = heartbeat(["run", "--proxy-socket", socket], environment);
  await running.printed(/PROXY_OPENED/);
  await running.printed(/"REGISTERED"/);
  expect((await ask(socket, `/workspaces/${ATLAS}/state`)).status).toBe(200);
  expect(await running.stop()).toBe(0);
  expect(existsSync(socket)).toBe(false);
});
