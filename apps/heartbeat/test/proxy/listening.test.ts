import { spawnSync } from "node:child_process";
import { chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { listenOnSocket } from "../../src/proxy/listen.ts";
import { secretFrom } from "../../src/proxy/secret-file.ts";
import { ATLAS } from "../ids.ts";
import { HEARTBEAT, heartbeat, outcome, outcomeOf } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { ask, recordingPlatform, startProxy, TOKEN } from "./scene.ts";

const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;
const STATE = `/workspaces/${ATLAS}/state`;
const SECRET = "a-secret-of-this-machine";

const platform = () => recordingPlatform((_, response) => response.end("yes"));

describe("the socket", () => {
  it("is accessible to its owner only", async () => {
    const { url } = await platform();
    const { socket } = await startProxy(url);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(0o022);
  });

  it.runIf(process.getuid?.() === 0)("cannot be opened by another user", async () => {
    const { url } = await platform();
    const directory = temporaryDirectory();
    await chmod(directory, 0o755);
    const path = join(directory, "a.sock");
    await startProxy(url, { at: { socket: path } });
    const script = `require("net").connect(${JSON.stringify(path)}).on("error", (e) => console.log(e.code)).on("connect", () => { console.log("open"); process.exit() })`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], {
      uid: 65_534,
      gid: 65_534,
      encoding: "utf8",
    });
    expect(stdout.trim()).toBe("EACCES");
  });

  it("replaces one left by a killed process, and nothing else", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "a.sock");
    const env = { PLATFORM_URL: "http://127.0.0.1:9", WORKSPACE_ID: ATLAS, CONFIGS_DIR: directory };
    const killed = heartbeat(["proxy", "--socket", path], env);
    await killed.printed(/press Ctrl-C/);
    expect(await outcomeOf(["proxy", "--socket", path], env)).toEqual(
      outcome(2, "another process listens there"),
    );
    await killed.stop("SIGKILL");
    expect((await stat(path)).isSocket()).toBe(true);
    const third = heartbeat(["proxy", "--socket", path], env);
    await third.printed(/press Ctrl-C/);
    expect(await third.stop()).toBe(0);
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });

    await writeFile(path, "a file");
    await expect(listenOnSocket(createServer(), path)).rejects.toThrow(/not a socket exists there/);
    const link = join(directory, "link");
    await symlink(path, link);
    await expect(listenOnSocket(createServer(), link)).rejects.toThrow(/not a socket exists there/);
    expect(await readFile(path, "utf8")).toBe("a file");
    await expect(listenOnSocket(createServer(), join(directory, "no/a.sock"))).rejects.toThrow(
      /its directory does not exist/,
    );
    await expect(listenOnSocket(createServer(), `/tmp/${"a".repeat(120)}`)).rejects.toThrow(/shorter/);
  });
});

describe("the port", () => {
  it.each([
    [{}, 401],
    [{ authorization: "Bearer wrong-secret-of-this-machine" }, 401],
    [{ authorization: `Basic ${SECRET}` }, 401],
    [{ authorization: `Bearer ${TOKEN}` }, 401],
    [{ authorization: `Bearer ${SECRET}` }, 200],
    [{ authorization: `Bearer ${SECRET}`, host: "localhost:1234" }, 200],
    [{ authorization: `Bearer ${SECRET}`, host: "rebound.evil.example" }, 421],
    [{ authorization: `Bearer ${SECRET}`, host: "127.0.0.1.evil.example" }, 421],
    [{ host: "rebound.evil.example" }, 421],
  ])("with %j answers %i", async (headers, status) => {
    const { url, received } = await platform();
    const { proxy } = await startProxy(url, { at: { port: 0, secret: SECRET } });
    expect(proxy.location).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await ask(proxy.location, STATE, { headers: { ...headers } })).status).toBe(status);
    expect(received).toHaveLength(status === 200 ? 1 : 0);
    expect(JSON.stringify(received.map((request) => request.headers))).not.toContain(SECRET);
  });

  it("of the command requires a secret file, which it creates, and is on no other address", async () => {
    const { url } = await platform();
    const directory = temporaryDirectory();
    const env = {
      PLATFORM_URL: url,
      WORKSPACE_ID: ATLAS,
      CONFIGS_DIR: directory,
      MOLECULE_WORKSPACE_TOKEN: TOKEN,
    };
    for (const [args, problem] of [
      [["--port", "0"], "--port needs --secret-file"],
      [[], "give --socket <path>, or --port with --secret-file"],
    ] as const)
      expect(await outcomeOf(["proxy", ...args], env)).toEqual(outcome(2, problem));
    const file = join(directory, "proxy-secret");
    const running = heartbeat(["proxy", "--port", "0", "--secret-file", file], env);
    const [address] = await running.printed(/http:\/\/127\.0\.0\.1:\d+(?=\n)/);
    const secret = (await readFile(file, "utf8")).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(secret).toHaveLength(43);
    const answer = await ask(address, STATE, { headers: { authorization: `Bearer ${secret}` } });
    expect(answer.status).toBe(200);
    expect((await ask(address, STATE)).status).toBe(401);
    expect(running.output()).not.toContain(secret);
    expect(running.output()).not.toContain(TOKEN);
    expect(await running.stop()).toBe(0);
  });

  it("rejects a secret that others can read, or that is invalid", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "secret");
    await writeFile(file, SECRET, { mode: 0o644 });
    await chmod(file, 0o644);
    await expect(secretFrom(file)).rejects.toThrow(/others can read it/);
    await chmod(file, 0o600);
    expect(await secretFrom(file)).toBe(SECRET);
    await writeFile(file, "short");
    await expect(secretFrom(file)).rejects.toThrow(/at least 16/);
    await expect(secretFrom(directory)).rejects.toThrow(/not a regular file|EISDIR/);
  });

  it.runIf(canMount)("says why a command's socket fails, even if its directory cannot be removed", () => {
    const directory = temporaryDirectory();
    const sealed = `mount -t tmpfs tmpfs "$0" && { chattr +a "$0" || true; }`;
    const start = '"$1" "$2" run --proxy-socket "$0/none/x.sock" -- true';
    const { stderr } = spawnSync(
      "unshare",
      ["-m", "sh", "-c", `${sealed}; ${start}`, directory, process.execPath, HEARTBEAT],
      {
        encoding: "utf8",
        env: {
          PLATFORM_URL: "http://127.0.0.1:9",
          WORKSPACE_ID: ATLAS,
          XDG_RUNTIME_DIR: directory,
          CONFIGS_DIR: temporaryDirectory(),
        },
      },
    );
    expect(stderr).toContain(`${directory}/none/x.sock: its directory does not exist; create it`);
  });

  it.runIf(canMount).each([
    ["leaves no empty secret, which the next start would reject", "true", /^code 2\nfill\n$/],
    [
      "says so even if the empty secret cannot be removed",
      'chattr +a "$0" || true',
      /^code 2\nfill\n(secret\n)?$/,
    ],
  ])("on a full disk %s", (_, seal, left) => {
    const file = join(temporaryDirectory(), "secret");
    const full = `mount -t tmpfs -o size=64k tmpfs "$0"; head -c 1M /dev/zero > "$0/fill" || true; ${seal}`;
    const start = '"$1" "$2" proxy --port 0 --secret-file "$0/secret"; echo "code $?"; ls "$0"';
    const { stdout, stderr } = spawnSync(
      "unshare",
      ["-m", "sh", "-c", `${full}; ${start}`, dirname(file), process.execPath, HEARTBEAT],
      {
        encoding: "utf8",
        env: { PLATFORM_URL: "http://127.0.0.1:9", WORKSPACE_ID: ATLAS, CONFIGS_DIR: dirname(file) },
      },
    );
    expect(stderr).toContain(`--secret-file ${file}: it cannot be written (ENOSPC)`);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toMatch(left);
  });
});
