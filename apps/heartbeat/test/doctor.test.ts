import { spawnSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { directoryOf } from "./fleet-scene.ts";
import { A, AGENT_7, B, C } from "./ids.ts";
import { HEARTBEAT, outcome, outcomeOf, startProgram } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;

async function setUp(orgId?: string) {
  const emulator = await startPlatform(orgId === undefined ? {} : { orgId });
  const dir = temporaryDirectory();
  const file = join(dir, ".auth_token");
  const env = { PLATFORM_URL: emulator.url, WORKSPACE_ID: AGENT_7, CONFIGS_DIR: dir };
  const doctor = (more: Record<string, string> = {}, ...args: string[]) =>
    outcomeOf(["doctor", ...args], { ...env, ...more });
  return { emulator, dir, file, env, doctor };
}

/** Checks a directory, after a shell command in a separate mount namespace. */
async function doctorAfter(mount: string, dir: string, env: Record<string, string>) {
  const command = ["sh", "-ec", `${mount}; exec "$1" "$2" doctor`, dir, process.execPath, HEARTBEAT];
  const running = startProgram(["unshare", "-m", ...command], { env });
  return { code: await running.ended, output: running.output() };
}

describe("heartbeat doctor", () => {
  it("finds no problem with a healthy workspace, exit code 0", async () => {
    const { emulator, file, doctor } = await setUp();
    await writeFile(file, emulator.issue(AGENT_7), { mode: 0o600 });
    const { code, output } = await doctor();
    expect(output).not.toContain("✗");
    expect(output).toMatch(/configs dir .*CONFIGS_DIR/);
    expect(output).toMatch(/token file .*0600/);
    expect(output).toMatch(/answered in \d+ ms/);
    expect(output).toMatch(new RegExp(`the platform knows ${AGENT_7}`));
    expect(output).toMatch(/accepts it for this workspace/);
    expect(code).toBe(0);
  });

  it("reports a rate limit at once for a few workspaces", async () => {
    const { emulator, file, doctor } = await setUp();
    await writeFile(file, emulator.issue(AGENT_7), { mode: 0o600 });
    emulator.outage({ kind: "status", status: 429, retryAfterSeconds: 80 });
    expect(await doctor()).toEqual(outcome(1, "Try again in 80 s."));
  });

  it("names the file that the token comes from, also where the environment variable before it is not set", async () => {
    const { emulator, dir, doctor } = await setUp();
    const secret = join(dir, "mounted-token");
    const token = emulator.issue(AGENT_7);
    await writeFile(secret, token, { mode: 0o600 });
    const { code, output } = await doctor({ MOLECULE_WORKSPACE_TOKEN_FILE: secret });
    expect(output).toContain(`from ${secret}: ${token.slice(0, 4)}…`);
    expect(output).not.toContain("nothing");
    expect(code).toBe(0);
  });

  it("incident 26: is read-only: nothing is registered, sent, created, fixed or written", async () => {
    const { emulator, dir, file, doctor } = await setUp();
    await writeFile(file, emulator.issue(AGENT_7));
    await chmod(file, 0o644);
    const before = await stat(file);
    await doctor();
    const after = await stat(file);
    expect([after.mode, after.mtimeMs, after.ctimeMs]).toEqual([before.mode, before.mtimeMs, before.ctimeMs]);
    expect(emulator.requests.map(({ method }) => method)).toEqual(emulator.requests.map(() => "GET"));
    expect(emulator.requests.length).toBeGreaterThan(1);
    expect(await readdir(dir)).toEqual([".auth_token"]);
    await doctor({ CONFIGS_DIR: join(dir, "missing") });
    expect(await readdir(dir)).toEqual([".auth_token"]);
  });

  it("incident 4: reports an unreadable token file, unlike an absent one, with exit code 1", async () => {
    const { emulator, file, doctor } = await setUp();
    emulator.issue(AGENT_7);
    expect((await doctor()).code).toBe(0);
    await mkdir(file);
    expect(await doctor()).toEqual(outcome(1, /✗ token .*\.auth_token/));
  });

  it("reports that a token could not be stored, before one is issued", async () => {
    const { dir, file, doctor } = await setUp();
    const missing = await doctor({ CONFIGS_DIR: join(dir, "not", "yet") });
    expect(missing).toEqual(outcome(0, /✓ configs dir .*not\/yet/));
    await writeFile(file, "");
    await symlink(join(dir, "nothing"), join(dir, "link"));
    const locations = [
      [file, "is not a directory", "move it away"],
      [join(file, "below"), "a part of .* is not a directory", "move that away"],
      [join(dir, "link", "below"), "link is a symbolic link to nothing", "remove the link"],
    ] as const;
    for (const [location, why, fix] of locations) {
      expect(await doctor({ CONFIGS_DIR: location })).toEqual(
        outcome(1, new RegExp(`✗ configs dir .*${why}, so no new token could be stored\n.*${fix}, or`)),
      );
    }
  });

  it("rejects an empty list", async () => {
    const { doctor } = await setUp();
    expect(await doctor({ MOLECULE_WORKSPACES: "[]" })).toEqual(outcome(2, "the list is empty"));
  });

  it("reports which source shadows which, and which token the platform rejects", async () => {
    const { emulator, file, doctor } = await setUp();
    const good = emulator.issue(AGENT_7);
    await writeFile(file, "stale-s3cr3t-0123456789", { mode: 0o600 });
    const { code, output } = await doctor({ MOLECULE_WORKSPACE_TOKEN: good });
    expect(code).toBe(1);
    expect(output).toMatch(/MOLECULE_WORKSPACE_TOKEN: .*shadowed and different/);
    expect(output).toMatch(
      /✗ token accepted .*rejects the token from \S*\.auth_token \(401\), and accepts the one from MOLECULE_WORKSPACE_TOKEN/,
    );
    expect(output).not.toContain(good);
    expect(output).not.toContain("stale-s3cr3t-0123456789");
  });

  it("reports that the platform accepts none of the configured tokens", async () => {
    const { emulator, file, doctor } = await setUp();
    emulator.issue(AGENT_7);
    await writeFile(file, "stale-s3cr3t-0123456789", { mode: 0o600 });
    expect(await doctor()).toEqual(
      outcome(1, /✗ token accepted .*401[^\n]*\n.*None of the configured sources/),
    );
  });

  it("reports a removed workspace as removed, without mentioning its token", async () => {
    const { emulator, file, doctor } = await setUp();
    await writeFile(file, emulator.issue(AGENT_7), { mode: 0o600 });
    emulator.remove(AGENT_7);
    const { code, output } = await doctor();
    expect(output).toMatch(new RegExp(`✗ workspace .*${AGENT_7} was removed`));
    expect(output).not.toContain("token accepted");
    expect(code).toBe(1);
  });

  it("names the list as the source of a list's token", async () => {
    const { emulator, dir, doctor } = await setUp();
    const list = JSON.stringify([{ id: AGENT_7, token: emulator.issue(AGENT_7) }]);
    const first = await doctor({ MOLECULE_WORKSPACES: list });
    expect(first.output).toMatch(/✓ token +from the list of workspaces: /);
    const own = directoryOf(dir, emulator.url, AGENT_7);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, ".auth_token"), "stale-s3cr3t-0123456789", { mode: 0o600 });
    const { output } = await doctor({ MOLECULE_WORKSPACES: list });
    expect(output).toMatch(/✗ token source +the list of workspaces: .*shadowed and different/);
    expect(output).not.toContain("MOLECULE_WORKSPACE_TOKEN");
  });

  it("reports a platform that is down, an unknown workspace, and a missing tenant", async () => {
    const { emulator, doctor } = await setUp("org-1");
    expect((await doctor()).output).toMatch(/✗ routing .*\n.*MOLECULE_ORG_ID/);
    const known = {
      MOLECULE_ORG_ID: "org-1",
      MOLECULE_WORKSPACE_TOKEN: "some-s3cr3t-of-some-other-workspace",
    };
    const unknown = await doctor(known);
    expect(unknown.output).toMatch(/✗ workspace .*not found.*\n.*create it/);
    // One cause, one piece of advice.
    expect(unknown.output.match(/✗/g)).toHaveLength(1);
    await emulator.close();
    expect(await doctor()).toEqual(outcome(1, /✗ platform .*ECONNREFUSED/));
  });

  it("reports that a workspace known to the platform may have lost its token", async () => {
    const { emulator, doctor } = await setUp();
    emulator.issue(AGENT_7);
    expect(await doctor()).toEqual(
      outcome(
        0,
        new RegExp(
          `· token accepted .*${AGENT_7} has a live token, registering without it is rejected: store that token`,
        ),
      ),
    );
  });

  it("finds no problem with a workspace that has never registered", async () => {
    const { doctor } = await setUp();
    expect(await doctor()).toEqual(outcome(0, `does not know ${AGENT_7} yet`));
  });

  it("prints its findings as JSON", async () => {
    const { emulator, doctor } = await setUp();
    emulator.issue(AGENT_7);
    const { code, output } = await doctor({}, "--json");
    const report: unknown = JSON.parse(output);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true });
    expect(report).toHaveProperty("workspaces.0.findings.0.check", "configs dir");
  });

  it("ends with a summary of a list, and shows only problems with --problems", async () => {
    const { emulator, dir, doctor } = await setUp();
    const list = JSON.stringify([
      { id: A, token: emulator.issue(A) },
      { id: B, token: emulator.issue(B) },
      { id: C, token: "stale-s3cr3t-0123456789" },
    ]);
    emulator.issue(C);
    const env = { MOLECULE_WORKSPACES: list, CONFIGS_DIR: dir };
    const all = await doctor(env);
    expect(all.output).toMatch(
      new RegExp(`^${A}\n.*\n${B}\n.*\n${C}\n.*\n3 workspaces: 2 ok, 1 with problems\n$`, "s"),
    );
    const some = await doctor(env, "--problems");
    expect(some.output).toMatch(new RegExp(`^${C}\n.*\n3 workspaces: 2 ok, 1 with problems\n$`, "s"));
    expect([all.code, some.code]).toEqual([1, 1]);
    const json: unknown = JSON.parse((await doctor(env, "--problems", "--json")).output);
    expect(json).toMatchObject({
      ok: false,
      summary: { ok: 2, problems: 1 },
      workspaces: [{ workspace: C }],
    });
  });

  it("requests an unresponsive platform only once for all workspaces of a list", async () => {
    const { emulator, doctor } = await setUp();
    await emulator.close();
    const list = JSON.stringify(Array.from({ length: 5 }, (_, index) => ({ id: `agent-${index}` })));
    const { output } = await doctor({ MOLECULE_WORKSPACES: list });
    expect(output.match(/✗ platform .*ECONNREFUSED/g)).toHaveLength(5);
    expect(output).toContain("5 workspaces: 0 ok, 5 with problems");
  });

  it.each(["file", "variable"])(
    "gives one fix for a header in the %s, and sends no part of it",
    async (where) => {
      const { emulator, file, doctor } = await setUp();
      const header = `Authorization: Bearer ${emulator.issue(AGENT_7)}`;
      if (where === "file") await writeFile(file, header, { mode: 0o600 });
      const { code, output } = await doctor(where === "file" ? {} : { MOLECULE_WORKSPACE_TOKEN: header });
      expect(output.match(/✗/g)).toHaveLength(1);
      expect(output).toContain("a whole Authorization header");
      expect(output).not.toMatch(/registering without it|gets one when it registers/);
      expect(code).toBe(1);
      for (const { headers } of emulator.requests) expect(headers).not.toHaveProperty("authorization");
    },
  );

  it("reports a list's token that was pasted as a header, exit code 2", async () => {
    const { doctor } = await setUp();
    const list = JSON.stringify([{ id: AGENT_7, token: "Bearer s3cr3t-s3cr3t-s3cr3t" }]);
    const { code, output } = await doctor({ MOLECULE_WORKSPACES: list });
    expect(output).toContain("entry 1: The token is a Bearer header's value");
    expect(output).not.toContain("s3cr3t");
    expect(code).toBe(2);
  });

  it("warns of unknown keys of a list before its findings", async () => {
    const { doctor } = await setUp();
    const { code, output } = await doctor({ MOLECULE_WORKSPACES: `[{"id":"${AGENT_7}","tokne":"x"}]` });
    const [warning, workspace] = output.split("\n");
    expect(warning).toMatch(/^! MOLECULE_WORKSPACES: entry 1: "tokne" .*did you mean "token"\?$/);
    expect(workspace).toBe(AGENT_7);
    expect(code).toBe(0);
  });

  it.runIf(process.getuid?.() === 0).each([0o440, 0o640])(
    "finds no problem with a mounted Secret: root's, %o, one of our groups",
    async (mode) => {
      const { emulator, dir, file, env } = await setUp();
      await writeFile(file, emulator.issue(AGENT_7));
      await chown(file, 0, 4000);
      await chmod(file, mode);
      await chmod(dir, 0o755);
      const { code, output } = await outcomeOf(["doctor"], env, { uid: 2001, gid: 4000 });
      expect(code).toBe(0);
      expect(output).not.toMatch(/✗|chmod/);
      expect(output).toMatch(/✓ token accepted/);
    },
  );

  it.runIf(process.getuid?.() === 0)(
    "gives no advice that would lock this user out of another's file",
    async () => {
      const { emulator, dir, file, env } = await setUp();
      await writeFile(file, emulator.issue(AGENT_7), { mode: 0o644 });
      await chmod(dir, 0o755);
      const { output } = await outcomeOf(["doctor"], env, { uid: 2001, gid: 2001 });
      expect(output).toMatch(/✗ token file .*\n.*chown 2001 .*then chmod 600.*defaultMode: 0440/);
    },
  );

  it.runIf(canMount).each([
    [
      "names a read-only mount, and gives the advice that run gives",
      'mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"',
      outcome(
        1,
        /✗ configs dir .* is on a read-only file system, .*\n(?!.*make it writable).*→ mount it writable, or/,
      ),
    ],
    [
      "names a full disk, and gives the advice that run gives",
      'mount -t tmpfs -o size=64k,mode=700 tmpfs "$0"; head -c 1M /dev/zero > "$0/fill" || true',
      outcome(1, /✗ configs dir .* no space left on the disk of .*, so no new .*\n.*→ make room, or/),
    ],
    [
      "does not call a file system full that counts no blocks, as some network mounts",
      'mount -t tmpfs -o size=0,mode=700 tmpfs "$0"',
      outcome(0, /✓ configs dir /),
    ],
  ])("%s", async (_what, mount, expected) => {
    const { dir, env } = await setUp();
    expect(await doctorAfter(mount, dir, env)).toEqual(expected);
  });

  it.runIf(process.platform === "linux").each(["/proc", "/sys", "/dev/null"])(
    "gives no harmful or useless advice about %s as the configs directory",
    async (dir) => {
      const { doctor } = await setUp();
      const { code, output } = await doctor({ CONFIGS_DIR: dir });
      expect(output).toMatch(
        /✗ configs dir .* (keeps no files there|is not a directory|cannot write), so no new/,
      );
      expect(output).not.toMatch(/chmod|chown|make room/);
      expect(code).toBe(1);
    },
  );

  it.runIf(process.getuid?.() === 0).each([0o2700, 0o2750, 0o2770])(
    "finds nothing wrong with a directory whose group its files inherit: %o",
    async (mode) => {
      const { emulator, dir, file, doctor } = await setUp();
      await writeFile(file, emulator.issue(AGENT_7), { mode: 0o600 });
      await chown(dir, 0, 4000);
      await chmod(dir, mode);
      const { code, output } = await doctor();
      expect(output).not.toContain("✗");
      expect(code).toBe(0);
    },
  );
});
