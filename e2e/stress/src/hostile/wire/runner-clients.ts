import { systemClock } from "../../../../../apps/heartbeat/src/clock.ts";
import {
  createPlatformClient,
  type PlatformClient,
} from "../../../../../apps/heartbeat/src/transport/client.ts";
import { createPlainTransport } from "../../../../../apps/heartbeat/src/transport/plain-transport.ts";
import { createPooledTransport } from "../../../../../apps/heartbeat/src/transport/pool.ts";

/** The two ways in which the runner reaches a platform: when it keeps workspaces alive, and when it checks once. */
export async function runnerClients(platformUrl: string): Promise<PlatformClient[]> {
  const transports = [createPooledTransport(platformUrl, 1), await createPlainTransport(platformUrl)];
  return transports.map((transport) => createPlatformClient(platformUrl, systemClock(), transport));
}
