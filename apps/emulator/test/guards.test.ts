import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import { ask, bearer, fakeClock, heartbeat, joined, registration, start } from "./support.ts";

describe.each(["v1", "v2"] as const)("the guards, contract %s", (contract) => {
  it("accept the server's own origin, or none, and reject any other with an empty 403", async () => {
    const emulator = await start({ contract });
    const { host } = new URL(emulator.url);
    const withOrigin = async (origin: string, path = "/health") => {
      const { status, text } = await ask(emulator, path, { headers: { origin } });
      return [status, text];
    };
    expect((await ask(emulator, "/health")).status).toBe(200);
    expect((await withOrigin(`http://${host}`))[0]).toBe(200);
    expect((await withOrigin(`https://${host}`))[0]).toBe(200);
    for (const origin of [`http://${host}/`, `http://${host}/path`, "https://evil.example", "null", ""]) {
      expect(await withOrigin(origin)).toEqual([403, ""]);
      expect(await withOrigin(origin, "/no/such/route")).toEqual([403, ""]);
    }
  });

  it("compare the origin with the request's Host", async () => {
    const emulator = await start({ contract, allowedHosts: ["Platform.Example"] });
    const named = { host: "platform.example", origin: "https://platform.example" };
    expect((await ask(emulator, "/health", { headers: named })).status).toBe(200);
    const foreign = { host: "platform.example", origin: emulator.url };
    expect((await ask(emulator, "/health", { headers: foreign })).status).toBe(403);
  });

  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:8787",
    "x@127.0.0.1",
  ])("reject a Host that is not this machine's: %j", async (host) => {
    const emulator = await start({ contract, allowedHosts: ["platform.example"] });
    const body = registration(AGENT);
    for (const origin of [undefined, `http://${host}`]) {
      const headers = { host, ...(origin && { origin }) };
      for (const [path, sent] of [
        ["/registry/register", { body, headers }],
        [`/workspaces/${AGENT}`, { headers }],
        ["/health", { headers }],
        ["/no/such/route", { headers }],
      ] as const) {
        expect([path, (await ask(emulator, path, sent)).status]).toEqual([path, 403]);
      }
    }
    expect([emulator.workspaces(), emulator.requests]).toEqual([[], []]);
    const { port } = new URL(emulator.url);
    for (const named of ["localhost", `LOCALHOST:${port}`, "127.9.9.9", "[::1]:1", "platform.example:80"]) {
      expect((await ask(emulator, "/health", { headers: { host: named } })).status).toBe(200);
    }
  });

  it("accept a listed origin, with CORS headers", async () => {
    const origin = "https://canvas.example";
    const emulator = await start({ contract, allowedOrigins: [origin] });
    const answer = await ask(emulator, "/health", { headers: { origin } });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([200, origin]);
    const preflight = await ask(emulator, "/registry/heartbeat", { method: "OPTIONS", headers: { origin } });
    expect([preflight.status, preflight.text]).toEqual([204, ""]);
    expect(preflight.headers["access-control-allow-headers"]).toContain("Authorization");
  });

  it("limit requests per minute, and say when to retry", async () => {
    const clock = fakeClock();
    const emulator = await start({ contract, clock });
    for (let n = 1; n <= 600; n++) {
      const { status, headers } = await ask(emulator, "/health");
      if (n !== 1 && n !== 600) continue;
      expect([status, headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]]).toEqual([
        200,
        "600",
        String(600 - n),
      ]);
      expect(headers["x-ratelimit-reset"]).toBe("59");
    }
    clock.advance(18_500);
    const limited = await heartbeat(emulator);
    expect([limited.status, limited.json]).toEqual([429, { error: "rate limit exceeded", retry_after: 41 }]);
    expect(limited.headers).toMatchObject({
      "retry-after": "41",
      "x-ratelimit-limit": "600",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "41",
    });
    clock.advance(41_500);
    expect((await heartbeat(emulator)).status).toBe(200);
  });

  it("require the tenant, except on the routes that a booting workspace needs", async () => {
    const { emulator, token } = await joined({ contract, orgId: "org-1" });
    expect((await heartbeat(emulator, token)).status).toBe(200);
    expect((await ask(emulator, "/health")).status).toBe(200);
    const named = await ask(emulator, `/workspaces/${AGENT}`, { headers: { "x-molecule-org-id": "org-1" } });
    expect(named.status).toBe(200);
    const wrong = await ask(emulator, `/workspaces/${AGENT}`, { headers: { "x-molecule-org-id": "org-2" } });
    expect([wrong.status, wrong.text]).toEqual([404, ""]);
    const missing = await ask(emulator, `/workspaces/${AGENT}`);
    if (contract === "v1") expect([missing.status, missing.text]).toEqual([404, ""]);
    else {
      expect(missing.status).toBe(400);
      const blank = await ask(emulator, `/workspaces/${AGENT}`, { headers: { "x-molecule-org-id": " " } });
      expect([blank.status, blank.json]).toEqual([400, missing.json]);
      expect(missing.json).toMatchObject({
        code: "TENANT_ORG_HEADER_REQUIRED",
        required_header: "X-Molecule-Org-Id",
      });
    }
    const card = { workspace_id: AGENT, agent_card: {} };
    const update = await ask(emulator, "/registry/update-card", { body: card, headers: bearer(token) });
    expect(update.status).toBe(missing.status);
  });

  it("apply in order: origin, rate, tenant, then the body and the token", async () => {
    const emulator = await start({ contract, orgId: "org-1", rateLimit: { max: 2, windowMs: 60_000 } });
    const tenant = { "x-molecule-org-id": "org-1" };
    const evil = { origin: "https://evil.example" };
    const path = `/workspaces/${AGENT}/delegations`;
    await ask(emulator, "/registry/register", { body: registration(AGENT) });

    const foreign = await ask(emulator, path, { headers: evil });
    expect(foreign.status).toBe(403);
    expect(foreign.headers["x-ratelimit-limit"]).toBeUndefined();
    const unnamed = await ask(emulator, path);
    expect(unnamed.status).toBe(contract === "v1" ? 404 : 400);
    expect(unnamed.headers["x-ratelimit-remaining"]).toBe("0");
    expect((await ask(emulator, path, { headers: tenant })).status).toBe(401);

    expect((await ask(emulator, path)).status).toBe(429);
    expect((await ask(emulator, path, { headers: { ...evil, ...tenant } })).status).toBe(403);
  });
});

describe("options", () => {
  it.each([
    ["port", { port: 65_536 }],
    ["contract", { contract: "v3" as "v2" }],
    ["orgId", { orgId: "a b" }],
    ["orgId", { orgId: false as unknown as string }],
    ["adminToken", { adminToken: null as unknown as string }],
    ["allowedHosts", { allowedHosts: [1 as unknown as string] }],
    ["rateLimit", { rateLimit: { max: 0, windowMs: 1 } }],
    ["allowedHosts", { allowedHosts: ["platform.example:80"] }],
    ["allowedOrigins", { allowedOrigins: ["https://canvas.example/"] }],
  ])("are named if invalid: %s", async (name, options) => {
    await expect(start(options)).rejects.toThrow(new RegExp(`^${name}: `));
  });
});
