import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AGENT, NOBODY, OTHER } from "./ids.ts";
import { ask, fakeClock, field, heartbeat, join, joined, start, statusOf } from "./support.ts";

describe("the controls", () => {
  it("rotate a token and return the new one", async () => {
    const emulator = await start();
    const old = await join(emulator);
    const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/rotate`, { method: "POST" });
    expect([answer.status, field(answer.json, "status")]).toEqual([200, "rotated"]);
    const fresh = String(field(answer.json, "auth_token"));
    expect((await heartbeat(emulator, old)).status).toBe(401);
    expect((await heartbeat(emulator, fresh)).status).toBe(200);
  });

  it("do not write a file named in a request", async () => {
    const directory = await mkdtemp(joinPath(tmpdir(), "emulator-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = joinPath(directory, ".auth_token");
    await writeFile(file, "kept");
    const { emulator, token } = await joined();
    for (const body of [{ file }, { known_file: true }, { mode: "0644" }, { delay_ms: 1 }]) {
      const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/rotate`, { body });
      expect([answer.status, field(answer.json, "error")]).toEqual([
        400,
        `${Object.keys(body)[0]}: is not known here`,
      ]);
    }
    await emulator.close();
    expect(await readFile(file, "utf8")).toBe("kept");
    expect(await readdir(directory)).toEqual([".auth_token"]);
    expect(emulator.workspaces()[0]?.tokenPrefix).toBe(token.slice(0, 8));
  });

  it.each([
    ["the body", "[]", "body: must be object"],
    ["the body", "{", "the body is not JSON"],
  ])("do not rotate if %s is invalid, and name it", async (_name, body, error) => {
    const { emulator, token } = await joined();
    const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/rotate`, { body });
    expect([answer.status, answer.json]).toEqual([400, { error }]);
    expect((await heartbeat(emulator, token)).status).toBe(200);
  });

  it("revoke tokens", async () => {
    const emulator = await start();
    await join(emulator);
    const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/revoke`, { method: "POST" });
    expect([answer.status, answer.json]).toEqual([200, { status: "revoked" }]);
    expect(emulator.workspaces()).toMatchObject([{ liveTokens: 0, tokenPrefix: null }]);
  });

  it("remove a workspace", async () => {
    const emulator = await start({ contract: "v1" });
    await join(emulator);
    const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/remove`, { method: "POST" });
    expect([answer.status, answer.json]).toEqual([200, { status: "removed" }]);
    expect(await statusOf(emulator)).toBe("removed");
    expect(() => emulator.remove(NOBODY)).toThrow(RangeError);
  });

  it("return 404 for an unknown workspace", async () => {
    const emulator = await start();
    for (const action of ["revoke", "remove"]) {
      const answer = await ask(emulator, `/emulator/workspaces/${AGENT}/${action}`, { method: "POST" });
      expect([answer.status, answer.json]).toEqual([404, { error: "workspace not found" }]);
    }
    const wrong = await ask(emulator, "/emulator/workspaces/NO/rotate", { method: "POST" });
    expect([wrong.status, field(wrong.json, "error")]).toEqual([400, expect.stringMatching(/^id: /)]);
    expect(() => emulator.issue("NO")).toThrow(/^id: /);
  });

  it("start and end an outage", async () => {
    const emulator = await start();
    const set = (body: unknown) => ask(emulator, "/emulator/outage", { body });
    await set({
      kind: "status",
      status: 429,
      retry_after_seconds: 9,
      for_requests: 1,
      paths: ["/registry/*"],
    });
    expect((await ask(emulator, "/health")).status).toBe(200);
    const failed = await heartbeat(emulator);
    expect([failed.status, failed.headers["retry-after"]]).toEqual([429, "9"]);
    expect((await heartbeat(emulator)).status).toBe(200);
    await set({ kind: "status", status: 530, body: "gone" });
    expect((await heartbeat(emulator)).text).toBe("gone");
    expect((await set({ kind: null })).json).toEqual({ status: "well" });
    expect((await heartbeat(emulator)).status).toBe(200);
    await set({ kind: "refuse" });
    await expect(heartbeat(emulator)).rejects.toThrow();
  });

  it.each([
    ["/emulator/outage", {}, "kind: is missing"],
    ["/emulator/outage", { kind: "flood" }, /^kind: must be equal to one of the allowed values: \["refuse",/],
    ["/emulator/outage", { kind: "status" }, "status: required with kind status"],
    ["/emulator/outage", { kind: "status", status: 99 }, "status: must be >= 200"],
    ["/emulator/outage", { kind: "hang", for_requests: 0 }, "for_requests: must be >= 1"],
    ["/emulator/outage", { kind: "hang", paths: [1] }, "paths.0: must be string"],
    ["/emulator/latency", { ms: "1" }, "ms: must be integer"],
    ["/emulator/latency", { ms: 600_001 }, "ms: must be <= 600000"],
    ["/emulator/latency", undefined, "body: must be object"],
  ])("at %s name the error in %j", async (path, body, error) => {
    const emulator = await start();
    const answer = await ask(emulator, path, { method: "POST", body });
    expect(answer.status).toBe(400);
    expect(field(answer.json, "error")).toEqual(
      typeof error === "string" ? error : expect.stringMatching(error),
    );
  });

  it("show the state", async () => {
    const { emulator, token } = await joined({ contract: "v1", clock: fakeClock(), orgId: "org-1" });
    await heartbeat(emulator, token, { error_rate: 0.7 });
    await ask(emulator, "/emulator/latency", { body: { ms: 1 } });
    const { json } = await ask(emulator, "/emulator/state");
    expect(json).toMatchObject({
      contract: "v1",
      now: "2026-01-01T00:00:00.000Z",
      tenant_guard: true,
      outage: null,
      latency_ms: 1,
      workspaces: [
        {
          id: AGENT,
          status: "degraded",
          error_rate: 0.7,
          heartbeats: 1,
          live_tokens: 1,
          token_prefix: token.slice(0, 8),
          last_heartbeat_at: "2026-01-01T00:00:00.000Z",
          alive_until: "2026-01-01T00:01:00.000Z",
        },
      ],
    });
  });

  it("show the requests, newest last, for one workspace or since a time", async () => {
    const clock = fakeClock();
    const { emulator, token } = await joined({ clock });
    clock.advance(10);
    await join(emulator, OTHER);
    await heartbeat(emulator, token, { current_task: token });
    const asked = async (query: string) =>
      field((await ask(emulator, `/emulator/requests${query}`)).json, "requests");
    expect(await asked("")).toEqual([...emulator.requests]);
    expect(await asked(`?workspace=${AGENT}`)).toMatchObject([
      { at: clock.now() - 10, method: "POST", path: "/registry/register", status: 200 },
      {
        at: clock.now(),
        path: "/registry/heartbeat",
        workspaceId: AGENT,
        headers: { authorization: { scheme: "Bearer" } },
        body: { workspace_id: AGENT, current_task: "[redacted]" },
      },
    ]);
    expect(await asked(`?since=${clock.now()}`)).toMatchObject([
      { workspaceId: OTHER },
      { workspaceId: AGENT },
    ]);
    expect(await asked(`?since=${clock.now()}&workspace=${NOBODY}`)).toEqual([]);
    for (const query of ["since=yesterday", "since=-1", "page=2"]) {
      expect((await ask(emulator, `/emulator/requests?${query}`)).status).toBe(400);
    }
  });

  it("bypass rate limit, tenant and outage, and are not recorded", async () => {
    const emulator = await start({ orgId: "org-1", rateLimit: { max: 1, windowMs: 60_000 } });
    emulator.outage({ kind: "hang" });
    for (let n = 0; n < 3; n++) expect((await ask(emulator, "/emulator/state")).status).toBe(200);
    expect((await ask(emulator, "/emulator/nothing")).status).toBe(404);
    expect(emulator.requests).toEqual([]);
  });
});
