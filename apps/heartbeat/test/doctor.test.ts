import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "@x/emulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { directoryOf } from "./fleet-scene.ts";
import { heartbeat } from "./processes.ts";

async function setUp(orgId?: string) {
  const emulator = await startEmulator(orgId === undefined ? {} : { orgId });
  const dir = await mkdtemp(join(tmpdir(), "doctor-"));
  onTestFinished(async () => {
    await emulator.close();
    await rm(dir, { recursive: true, force: true });
  });
  const file = join(dir, ".auth_token");
  const env = { PLATFORM_URL: emulator.url, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir };
  const doctor = async (more: Record<string, string> = {}, ...args: string[]) => {
    const running = heartbeat(["doctor", ...args], { ...env, ...more });
    const code = await running.ended;
    return { code, output: running.output() };
  };
  return { emulator, dir, file, doctor };
}

describe("heartbeat doctor", () => {
  it("finds nothing wrong with a workspace that is well, exit code 0", async () => {
    const { emulator, file, doctor } = await setUp();
    await writeFile(file, emulator.issue("agent-7"), { mode: 0o600 });
    const { code, output } = await doctor();
    expect(output).not.toContain("✗");
    expect(output).toMatch(/configs dir .*CONFIGS_DIR/);
    expect(output).toMatch(/token file .*0600/);
    expect(output).toMatch(/answered in \d+ ms/);
    expect(output).toMatch(/the platform knows agent-7/);
    expect(output).toMatch(/accepts it for this workspace/);
    expect(code).toBe(0);
  });

  it("incident 26: only reads: nothing is registered, sent, created, fixed or written", async () => {
    const { emulator, dir, file, doctor } = await setUp();
    await writeFile(file, emulator.issue("agent-7"));
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
    emulator.issue("agent-7");
    expect((await doctor()).code).toBe(0);
    await mkdir(file);
    const { code, output } = await doctor();
    expect(code).toBe(1);
    expect(output).toMatch(/✗ token .*\.auth_token/);
  });

  it("says that a token could not be stored, before one is issued", async () => {
    const { dir, file, doctor } = await setUp();
    const missing = await doctor({ CONFIGS_DIR: join(dir, "not", "yet") });
    expect(missing).toMatchObject({ code: 0, output: expect.stringMatching(/✓ configs dir .*not\/yet/) });
    await writeFile(file, "");
    await symlink(join(dir, "nothing"), join(dir, "link"));
    const places = [
      [file, "is not a directory", "move it away"],
      [join(file, "below"), "a part of .* is not a directory", "move that away"],
      [join(dir, "link", "below"), "link is a symbolic link to nothing", "remove the link"],
    ] as const;
    for (const [place, why, fix] of places) {
      const { code, output } = await doctor({ CONFIGS_DIR: place });
      expect(output).toMatch(
        new RegExp(`✗ configs dir .*${why}, so no new token could be stored\n.*${fix}, or`),
      );
      expect(code).toBe(1);
    }
  });

  it("says that the list is empty", async () => {
    const { doctor } = await setUp();
    const { code, output } = await doctor({ MOLECULE_WORKSPACES: "[]" });
    expect(output).toBe("The list of workspaces is empty.\n");
    expect(code).toBe(0);
  });

  it("says what shadows what, and which token the platform does not accept", async () => {
    const { emulator, file, doctor } = await setUp();
    const good = emulator.issue("agent-7");
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

  it("says that the platform accepts none of the tokens it was given", async () => {
    const { emulator, file, doctor } = await setUp();
    emulator.issue("agent-7");
    await writeFile(file, "stale-s3cr3t-0123456789", { mode: 0o600 });
    const { code, output } = await doctor();
    expect(output).toMatch(/✗ token accepted .*401[^\n]*\n.*None of the configured sources/);
    expect(code).toBe(1);
  });

  it("says of a removed workspace that it was removed, and nothing of its token, which went with it", async () => {
    const { emulator, file, doctor } = await setUp();
    await writeFile(file, emulator.issue("agent-7"), { mode: 0o600 });
    emulator.remove("agent-7");
    const { code, output } = await doctor();
    expect(output).toMatch(/✗ workspace .*agent-7 was removed/);
    expect(output).not.toContain("token accepted");
    expect(code).toBe(1);
  });

  it("calls the token of a list the list's, for it is in no environment variable", async () => {
    const { emulator, dir, doctor } = await setUp();
    const list = JSON.stringify([{ id: "agent-7", token: emulator.issue("agent-7") }]);
    const first = await doctor({ MOLECULE_WORKSPACES: list });
    expect(first.output).toMatch(/✓ token +from the list of workspaces: /);
    const own = directoryOf(dir, emulator.url, "agent-7");
    await mkdir(own, { recursive: true });
    await writeFile(join(own, ".auth_token"), "stale-s3cr3t-0123456789", { mode: 0o600 });
    const { output } = await doctor({ MOLECULE_WORKSPACES: list });
    expect(output).toMatch(/✗ token source +the list of workspaces: .*shadowed and different/);
    expect(output).not.toContain("MOLECULE_WORKSPACE_TOKEN");
  });

  it("says when the platform is down, does not know the workspace, or wants a tenant", async () => {
    const { emulator, doctor } = await setUp("org-1");
    expect((await doctor()).output).toMatch(/✗ routing .*\n.*MOLECULE_ORG_ID/);
    const known = {
      MOLECULE_ORG_ID: "org-1",
      MOLECULE_WORKSPACE_TOKEN: "some-s3cr3t-of-some-other-workspace",
    };
    expect((await doctor(known)).output).toMatch(/✗ workspace .*not found.*\n.*create it/);
    await emulator.close();
    const { code, output } = await doctor();
    expect(code).toBe(1);
    expect(output).toMatch(/✗ platform .*ECONNREFUSED/);
  });

  it("says that a workspace which the platform knows may have lost its token", async () => {
    const { emulator, doctor } = await setUp();
    emulator.issue("agent-7");
    const { code, output } = await doctor();
    expect(output).toMatch(
      /· token accepted .*agent-7 has a live token, registering without it is rejected: store that token/,
    );
    expect(code).toBe(0);
  });

  it("finds nothing wrong with a workspace at its very start", async () => {
    const { doctor } = await setUp();
    const { code, output } = await doctor();
    expect(output).toContain("does not know agent-7 yet");
    expect(code).toBe(0);
  });

  it("gives its findings as JSON", async () => {
    const { emulator, doctor } = await setUp();
    emulator.issue("agent-7");
    const { code, output } = await doctor({}, "--json");
    const report: unknown = JSON.parse(output);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true });
    expect(report).toHaveProperty("workspaces.0.findings.0.check", "configs dir");
  });

  it("exits with 2 when the configuration cannot be used", async () => {
    const { doctor } = await setUp();
    expect((await doctor({ WORKSPACE_ID: "No Good" })).code).toBe(2);
  });
});
