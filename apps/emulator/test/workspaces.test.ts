import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import { ask, bearer, fakeClock, field, heartbeat, join, joined, resultOf, start } from "./support.ts";

describe.each(["v1", "v2"] as const)("a workspace's routes, contract %s", (contract) => {
  it("show a workspace to anyone, without secrets", async () => {
    const { emulator, token } = await joined({ contract, clock: fakeClock() });
    await heartbeat(emulator, token, { current_task: "reading" });
    const answer = await ask(emulator, `/workspaces/${AGENT}`);
    expect(answer.json).toMatchObject({
      id: AGENT,
      status: "online",
      url: "http://localhost:9000",
      agent_card: { name: AGENT },
      last_heartbeat_at: "2026-01-01T00:00:00.000Z",
    });
    expect(answer.text).not.toContain(token.slice(0, 8));
  });

  it("report that a workspace was removed", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    await join(emulator);
    clock.advance(5_000);
    emulator.remove(AGENT);
    const answer = await ask(emulator, `/workspaces/${AGENT}`);
    if (contract === "v1") {
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ id: AGENT, status: "removed" });
    } else {
      expect(answer.status).toBe(410);
      expect(answer.json).toEqual({
        error: "workspace removed",
        id: AGENT,
        removed_at: "2026-01-01T00:00:05.000Z",
        hint: "Regenerate workspace + token from the canvas → Tokens tab",
      });
    }
  });

  it("list delegations newest first, at most 50, including those without a delegation_id", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    const headers = bearer(await join(emulator));
    expect(resultOf(await ask(emulator, `/workspaces/${AGENT}/delegations`, { headers }))).toEqual([200, []]);
    for (let n = 0; n < 60; n++) {
      clock.advance(1_000);
      emulator.addDelegation(AGENT, { id: `row-${n}`, ...(n % 2 === 0 && { delegation_id: `d-${n}` }) });
    }
    emulator.addDelegation(AGENT, {
      id: "late",
      created_at: "2025-01-01T00:00:00Z",
      source_id: "stranger",
    });
    const { json } = await ask(emulator, `/workspaces/${AGENT}/delegations`, { headers });
    expect(json).toHaveLength(50);
    expect(json).toMatchObject([
      { id: "row-59", type: "delegation", source_id: AGENT, target_id: "", status: "completed" },
      { id: "row-58", delegation_id: "d-58", created_at: "2026-01-01T00:00:59.000Z" },
      ...Array.from({ length: 48 }, () => ({})),
    ]);
    expect(field(Array.isArray(json) && json[0], "delegation_id")).toBeUndefined();
  });

  it("list, mint and revoke tokens, showing each only once", async () => {
    const { emulator, token } = await joined({ contract, clock: fakeClock() });
    const minted = await ask(emulator, `/workspaces/${AGENT}/tokens`, {
      method: "POST",
      headers: bearer(token),
    });
    expect(minted.status).toBe(201);
    expect(minted.json).toMatchObject({ workspace_id: AGENT, message: expect.any(String) });
    const second = String(field(minted.json, "auth_token"));

    const listed = await ask(emulator, `/workspaces/${AGENT}/tokens`, { headers: bearer(second) });
    const at = "2026-01-01T00:00:00.000Z";
    expect(listed.json).toEqual({
      tokens: [
        { id: expect.any(String), prefix: second.slice(0, 8), created_at: at, last_used_at: at },
        { id: expect.any(String), prefix: token.slice(0, 8), created_at: at, last_used_at: at },
      ],
      count: 2,
    });
    expect(listed.text).not.toContain(second);

    const rows = field(listed.json, "tokens");
    const path = `/workspaces/${AGENT}/tokens/${field(Array.isArray(rows) && rows[1], "id")}`;
    const revoke = () => ask(emulator, path, { method: "DELETE", headers: bearer(second) });
    expect((await revoke()).json).toEqual({ status: "revoked" });
    const again = await revoke();
    expect([again.status, again.json]).toEqual([404, { error: "token not found or already revoked" }]);
    const state = async (token: string) =>
      (await ask(emulator, `/workspaces/${AGENT}/state`, { headers: bearer(token) })).status;
    expect([await state(token), await state(second)]).toEqual([401, 200]);
  });

  it("mint no more than 50 live tokens for one workspace", async () => {
    const { emulator, token } = await joined({ contract });
    for (let n = 1; n < 50; n++) emulator.issue(AGENT);
    const answer = await ask(emulator, `/workspaces/${AGENT}/tokens`, {
      method: "POST",
      headers: bearer(token),
    });
    expect([answer.status, answer.json]).toEqual([429, { error: "maximum 50 active tokens per workspace" }]);
  });
});
