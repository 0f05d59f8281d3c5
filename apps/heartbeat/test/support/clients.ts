import { createAuth, memoryTokenStorage } from "@x/auth-core";
import type { Emulator } from "@x/emulator";
import { createPlatformClient, type PlatformClient } from "@x/platform-client";

type ClientOptions = Partial<Parameters<typeof createPlatformClient>[0]>;

/** A workspace's own requests, as from another program. */
export function clientOf(
  { url }: Pick<Emulator, "url">,
  workspaceId: string,
  token: string | undefined,
  options: ClientOptions = {},
): PlatformClient {
  const auth = createAuth({ storage: memoryTokenStorage(token), platformUrl: url, env: {} });
  return createPlatformClient({ auth, platformUrl: url, workspaceId, ...options });
}

/** Sends a message as a user. */
export async function askAs(
  { url, adminToken }: Pick<Emulator, "url" | "adminToken">,
  to: string,
  text: string,
  messageId?: string,
): Promise<void> {
  const message = { role: "user", messageId, parts: [{ kind: "text", text }] };
  const response = await fetch(`${url}/workspaces/${to}/a2a`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${adminToken}`, origin: url },
    body: JSON.stringify({ jsonrpc: "2.0", method: "message/send", params: { message } }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}
