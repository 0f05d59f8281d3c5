import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { createPlatformClient, fetchTransport } from "@x/platform-client";

const platformUrl = "https://platform.example";
const auth = createAuth({ storage: memoryTokenStorage(), platformUrl });

export const transport = fetchTransport(fetch);
export const client = createPlatformClient({ auth, platformUrl, workspaceId: "agent-7", fetch });
export const state = client.state({ signal: new AbortController().signal });
