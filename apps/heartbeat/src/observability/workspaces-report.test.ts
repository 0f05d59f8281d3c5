import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { failure } from "../../test/failures.ts";
import { agents, openTestStatus, workspaceStatus } from "../../test/views.ts";
import { createKnownTokens } from "./known-tokens.ts";

describe("/workspaces", () => {
  it("shows each workspace to this machine, but not to clients behind a proxy on it", async () => {
    const rejected = failure({ code: "TOKEN_REJECTED", message: "401 \u001b[1mno", status: 401 });
    const status = await openTestStatus([
      workspaceStatus("agent-0", { lastHeartbeatAt: 0, latencyMs: 34.26 }),
      workspaceStatus("agent-1", {
        state: { phase: "recovering", rejections: 2 },
        failure: rejected.message,
        lastFailure: { action: "heartbeat", failure: rejected },
      }),
    ]);
    const shown = await fetch(`${status.url}/workspaces`);
    expect(await shown.json()).toMatchObject({
      health: { status: "ok", workspaces: { total: 2 } },
      workspaces: [
        {
          id: "agent-0",
          state: "alive",
          latency_ms: 34.3,
          last_heartbeat_at: "1970-01-01T00:00:00.000Z",
          problem: null,
        },
        {
          id: "agent-1",
          state: "recovering",
          failures: 2,
          problem: {
            code: "HEARTBEAT_FAILED:TOKEN_REJECTED",
            message: "heartbeat failed: 401 no",
            fix: expect.stringContaining("operator"),
          },
        },
      ],
    });
    for (const header of ["x-forwarded-for", "forwarded"]) {
      const other = await fetch(`${status.url}/workspaces`, { headers: { [header]: "for=203.0.113.7" } });
      expect(other.status).toBe(403);
      expect(await other.text()).toMatch(/run heartbeat status there/);
    }
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal)?.address;

  it.skipIf(outside === undefined)("shows no workspace to other machines", async () => {
    const status = await openTestStatus(agents(3), { host: "0.0.0.0" });
    const { port } = new URL(status.url);
    expect((await fetch(`http://127.0.0.1:${port}/workspaces`)).status).toBe(200);
    expect((await fetch(`http://${outside}:${port}/workspaces`)).status).toBe(403);
    expect((await fetch(`http://${outside}:${port}/health`)).status).toBe(200);
  });

  it("redacts failures", async () => {
    const token = "s3cr3t-0123456789-abcdefgh";
    const { hide, redact } = createKnownTokens();
    hide("agent-0", token);
    const said = failure({ message: `400 what is "${token}"?` });
    const status = await openTestStatus(
      [
        workspaceStatus("agent-0", {
          platformStatus: token,
          lastFailure: { action: "register", failure: said },
        }),
      ],
      { redact },
    );
    const text = await (await fetch(`${status.url}/workspaces`)).text();
    expect(text).toContain("register failed: 400 what is");
    expect(text).not.toContain("0123456789");
  });
});
