import { advice, createPlatformClient, type PlatformResult, type Transport } from "@x/platform-client";

const transport: Transport = {
  request: async () => ({ status: 200, headers: { get: () => null }, text: '{"status":"ok"}' }),
};

const client = createPlatformClient({
  auth: {
    authHeaders: async () => ({ Origin: "https://platform.example" }),
    selfSourceHeaders: async (id) => ({ Origin: "https://platform.example", "X-Workspace-ID": id }),
    recover: async () => null,
    saveToken: async () => {},
    getWorkspaceToken: () => null,
    registerWorkspaceToken: () => {},
    platformOrigin: () => "https://platform.example",
  },
  platformUrl: "https://platform.example",
  workspaceId: "agent-7",
  transport,
});

export async function use(): Promise<string | null> {
  // @ts-expect-error: an uptime is a number
  await client.heartbeat({ uptimeSeconds: "30" });
  const result: PlatformResult<{ readonly status: string }> = await client.health();
  return result.ok ? result.value.status : advice(result.failure);
}
