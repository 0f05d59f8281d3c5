import { describe, expect, it } from "vitest";
import { ask, field, start } from "./support.ts";

const routes = [
  ["/registry/register", "post"],
  ["/registry/heartbeat", "post"],
  ["/registry/update-card", "post"],
  ["/registry/{id}/peers", "get"],
  ["/registry/discover/{id}", "get"],
  ["/registry/check-access", "post"],
  ["/workspaces", "get"],
  ["/workspaces", "post"],
  ["/workspaces/{id}", "get"],
  ["/workspaces/{id}", "delete"],
  ["/workspaces/{id}/pause", "post"],
  ["/workspaces/{id}/resume", "post"],
  ["/workspaces/{id}/secrets/values", "get"],
  ["/workspaces/{id}/activity", "get"],
  ["/workspaces/{id}/activity", "post"],
  ["/workspaces/{id}/notify", "post"],
  ["/workspaces/{id}/delegate", "post"],
  ["/workspaces/{id}/delegations/record", "post"],
  ["/workspaces/{id}/delegations/{delegationId}/update", "post"],
  ["/workspaces/{id}/external/rotate", "post"],
  ["/workspaces/{id}/a2a/queue/{queueId}", "get"],
  ["/admin/workspaces/{id}/tokens", "post"],
  ["/admin/workspaces/{id}/revoke-auth-tokens", "post"],
  ["/workspaces/{id}/state", "get"],
  ["/workspaces/{id}/delegations", "get"],
  ["/workspaces/{id}/tokens", "get"],
  ["/workspaces/{id}/tokens", "post"],
  ["/workspaces/{id}/tokens/{tokenId}", "delete"],
  ["/workspaces/{id}/a2a", "post"],
  ["/health", "get"],
  ["/buildinfo", "get"],
  ["/metrics", "get"],
  ["/emulator/workspaces", "post"],
  ["/emulator/workspaces/{id}/message", "post"],
  ["/emulator/workspaces/{id}/messages", "get"],
  ["/emulator/workspaces/{id}/requests", "get"],
  ["/emulator/reset", "post"],
  ["/emulator/workspaces/{id}/rotate", "post"],
  ["/emulator/workspaces/{id}/revoke", "post"],
  ["/emulator/workspaces/{id}/remove", "post"],
  ["/emulator/outage", "post"],
  ["/emulator/latency", "post"],
  ["/emulator/time", "post"],
  ["/emulator/state", "get"],
  ["/emulator/requests", "get"],
] as const;

describe.each(["v1", "v2"] as const)("the OpenAPI document, contract %s", (contract) => {
  it("describes every route, its body, and each answer", async () => {
    const emulator = await start({ contract });
    const { status, json } = await ask(emulator, "/openapi.json");
    expect(status).toBe(200);
    expect(json).toMatchObject({ openapi: "3.1.0", info: { title: expect.any(String), version: contract } });
    const paths = field(json, "paths");
    const described = Object.entries(Object(paths)).flatMap(([path, methods]) =>
      Object.keys(Object(methods)).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(([path, method]) => `${method} ${path}`).sort());
    for (const [path, method] of routes) {
      const operation = field(field(paths, path), method);
      expect(field(operation, "summary"), path).toEqual(expect.any(String));
      for (const answer of Object.values(Object(field(operation, "responses")))) {
        expect(field(answer, "description"), path).not.toBe("Default Response");
      }
    }
    const heartbeat = field(field(paths, "/registry/heartbeat"), "post");
    expect(heartbeat).toMatchObject({
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: { required: ["workspace_id"], properties: { uptime_seconds: { type: "integer" } } },
          },
        },
      },
      responses: { 200: {}, 400: {}, 401: {}, 500: {} },
    });
  });
});
