import { createHash } from "node:crypto";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { type Emulator, type RecordedRequest, startEmulator } from "@x/emulator";
import { createPlatformClient, type PlatformClient } from "@x/platform-client";
import { onTestFinished } from "vitest";

/** An emulator in this process, closed after the test, which limits no request unless the options say so. */
export async function startPlatform(options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> {
  const emulator = await startEmulator({ rateLimit: { max: 1_000_000, windowMs: 60_000 }, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Whether a request carried this token. */
export const carries = (request: RecordedRequest | undefined, token: string): boolean =>
  request?.headers.authorization?.sha256 === createHash("sha256").update(token).digest("hex");

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
