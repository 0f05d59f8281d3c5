import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { createPlatformClient, type PlatformClientOptions } from "../../src/index.ts";

export const ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
export const OTHER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
export const TOKEN = "k7Wq0mZr3bXv5nYt8cLp1dGs6fHj2aKe4uRi9oTx0yQ";
export const NEW_TOKEN = "Zp4nVx8cQm2wTe6rYb0uIo5aLs3dKf7gHj1kMz9xCvB";

/** A workspace with a token in memory, and its client. */
export function workspaceAt(
  platformUrl: string,
  options: Partial<PlatformClientOptions> & { token?: string | null; env?: Record<string, string> } = {},
) {
  const { token = TOKEN, env: more = {}, ...rest } = options;
  const env: Record<string, string | undefined> = { PLATFORM_URL: platformUrl, ...more };
  const storage = memoryTokenStorage(token ?? undefined);
  const auth = createAuth({ storage, env });
  const client = createPlatformClient({ auth, platformUrl, workspaceId: ID, ...rest });
  return { client, auth, storage, env };
}
