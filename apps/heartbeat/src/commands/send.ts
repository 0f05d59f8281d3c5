import { type Env, validateWorkspaceId } from "@x/auth-core";
import { advice, createPlatformClient, type MessageOutcome, type PlatformResult } from "@x/platform-client";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/problems.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { openAuth } from "../fleet/managed-workspace.ts";
import { createFileStore } from "../storage/file-store.ts";
import { connectPlainly } from "../transport/plain-connection.ts";
import { userAgent } from "../version.ts";

/**
 * Sends one message from the configured workspace to another one, and prints what became of it.
 *
 * @returns false when it was not delivered, nor queued
 */
export async function send(to: string, text: string, config: Config, env: Env): Promise<boolean> {
  const from = sender(config);
  const receiver = validateWorkspaceId(to);
  const store = createFileStore({
    configsDir: config.configsDir,
    env,
    layout: config.isFleet ? "list" : "single",
    onEvent() {},
  });
  const connection = await connectPlainly(from.platformUrl, systemClock());
  try {
    const client = createPlatformClient({
      auth: openAuth(from, { store, env, onAuthEvent() {} }),
      platformUrl: from.platformUrl,
      workspaceId: from.id,
      transport: connection,
      timeoutMs: config.timing.timeoutMs,
      userAgent,
    });
    const result = await client.sendMessage({ to: receiver, text });
    console.log(describe(result, receiver));
    return result.ok;
  } finally {
    await connection.close();
    await store.close();
  }
}

function sender({ workspaces }: Config): WorkspaceConfig {
  const [only, another] = workspaces;
  if (only === undefined || another !== undefined) {
    throw new ConfigError(["There is a list of workspaces; say which one sends with --workspace-id."]);
  }
  return only;
}

function describe(result: PlatformResult<MessageOutcome>, to: string): string {
  if (!result.ok) {
    const { failure } = result;
    const fix = advice(failure);
    const arrived = failure.sent === "no" ? "it has not arrived" : "it may have arrived";
    return `failed: ${failure.message}; ${arrived}${fix === null ? "" : `. ${fix}`}`;
  }
  switch (result.value.outcome) {
    case "delivered":
      return `delivered to ${to}`;
    case "queued_for_poll":
      return `queued for ${to}, which fetches it itself`;
    case "queued_by_platform":
      return `queued for ${to}: the platform delivers it when ${to} is free`;
  }
}
