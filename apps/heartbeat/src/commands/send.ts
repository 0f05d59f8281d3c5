import { type Env, validateWorkspaceId } from "@x/auth-core";
import { createNodeAuth } from "@x/auth-node";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { environmentFor } from "../config/environment.ts";
import { ConfigError } from "../config/problems.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { configsDirFor } from "../storage/workspace-paths.ts";
import { createPlatformClient } from "../transport/client.ts";
import { type Delivery, sendMessage } from "../transport/message.ts";
import { createPlainTransport } from "../transport/plain-transport.ts";
import { createSignedClient } from "../transport/signed-client.ts";

/**
 * Sends one message from the configured workspace to another one, and prints what became of it.
 *
 * @returns false when it was not delivered, nor queued
 */
export async function send(to: string, text: string, config: Config, env: Env): Promise<boolean> {
  const from = sender(config);
  const receiver = validateWorkspaceId(to);
  const where = { env: environmentFor(from, config.isFleet, env), ...configsDirFor(from.id, config, env) };
  const auth = createNodeAuth(where);
  const client = createPlatformClient(
    from.platformUrl,
    systemClock(),
    await createPlainTransport(from.platformUrl),
  );
  try {
    const signed = createSignedClient({
      auth,
      workspaceId: from.id,
      client,
      timeoutMs: config.timing.timeoutMs,
      onAccepted: async () => {},
      onTokenRecovered: async () => {},
    });
    const delivery = await sendMessage(signed, { from: from.id, to: receiver, text });
    console.log(describe(delivery, receiver));
    return delivery.kind !== "failed";
  } finally {
    await client.close();
  }
}

function sender({ workspaces }: Config): WorkspaceConfig {
  const [only, another] = workspaces;
  if (only === undefined || another !== undefined) {
    throw new ConfigError(["There is a list of workspaces; say which one sends with --workspace-id."]);
  }
  return only;
}

function describe(delivery: Delivery, to: string): string {
  switch (delivery.kind) {
    case "delivered":
      return `delivered to ${to}`;
    case "queued":
      return `queued for ${to} until it fetches it`;
    case "failed":
      return `failed: ${delivery.why}; ${delivery.safeToRepeat ? "it did not arrive" : "it may still have arrived"}`;
  }
}
