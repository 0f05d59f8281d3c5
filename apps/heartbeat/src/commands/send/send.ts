import { randomUUID } from "node:crypto";
import { validateWorkspaceId } from "@x/auth-core";
import { createPlatformClient, type MessageOutcome, type PlatformResult } from "@x/platform-client";
import { type Clock, sleep, systemClock } from "../../clock.ts";
import type { Config } from "../../config/config.ts";
import { onlyWorkspace } from "../../config/only-workspace.ts";
import { ConfigError } from "../../config/problems.ts";
import { openAuth } from "../../fleet/workspace-auth.ts";
import { connectPlainly } from "../../transport/plain-connection.ts";
import { readProxies } from "../../transport/proxies.ts";
import { userAgent } from "../../version.ts";
import type { CommandEnvironment } from "../command-environment.ts";
import type { ExitCode } from "../exit-codes.ts";
import { openStore } from "../open-store.ts";
import { describeMessage, messageExitCode } from "./describe-message.ts";

/** What is sent. */
export interface SendRequest {
  /** The receiver's id. */
  readonly to: string;
  readonly text: string;
  /** @default a random UUID */
  readonly messageId?: string;
  /** Retries while the receiver cannot be reached and nothing has been sent. @default false */
  readonly wait?: boolean;
}

/** How long `--wait` retries, and how long it pauses when the platform does not say. */
const WAIT_MS = 300_000;
const PAUSE_MS = 5_000;

/** Temporary failures after which nothing was sent. */
const PASSING: ReadonlySet<string> = new Set([
  "RECEIVER_WAKING",
  "RECEIVER_HAS_NO_URL",
  "RATE_LIMITED",
  "CIRCUIT_OPEN",
]);

/**
 * Sends one message from the configured workspace to another one and prints the result.
 *
 * @throws ConfigError when the sender is ambiguous, or the message id is invalid
 */
export async function send(
  request: SendRequest,
  config: Config,
  { env, hide, onStuck = () => {} }: CommandEnvironment,
): Promise<ExitCode> {
  const from = onlyWorkspace(config, "sends");
  const to = validateWorkspaceId(request.to);
  if (request.text.trim() === "") throw new ConfigError(["the message is empty: give its text."]);
  const messageId = checkMessageId(request.messageId ?? randomUUID());
  const { store } = await openStore(config, { env, onSecret: hide });
  const clock = systemClock();
  const connection = await connectPlainly(from.platformUrl, clock, readProxies(env));
  try {
    const auth = openAuth(from, { store, env, onAuthEvent() {}, onSecret: hide });
    // Reads all sources: no token of any of them is printed, whichever is used.
    await auth.explain();
    const client = createPlatformClient({
      auth,
      platformUrl: from.platformUrl,
      workspaceId: from.id,
      transport: connection,
      timeoutMs: config.timing.timeoutMs,
      userAgent,
    });
    const attempt = () => client.sendMessage({ to, text: request.text, messageId });
    const result = request.wait === true ? await repeated(attempt, clock) : await attempt();
    console.log(describeMessage(result, { to, messageId }));
    return messageExitCode(result);
  } finally {
    await connection.close();
    await store.close();
    if (store.isStuck()) onStuck();
  }
}

/** Retries until it succeeds or fails permanently. */
async function repeated(
  attempt: () => Promise<PlatformResult<MessageOutcome>>,
  clock: Clock,
): Promise<PlatformResult<MessageOutcome>> {
  const until = clock.monotonic() + WAIT_MS;
  for (;;) {
    const result = await attempt();
    if (result.ok) return result;
    const { sent, code, message, retryAfterMs } = result.failure;
    const pauseMs = retryAfterMs || PAUSE_MS;
    if (sent !== "no" || !PASSING.has(code) || clock.monotonic() + pauseMs > until) return result;
    console.error(`not delivered yet: ${message}; trying again in ${Math.ceil(pauseMs / 1_000)} s`);
    await sleep(clock, pauseMs);
  }
}

function checkMessageId(id: string): string {
  if (/^[\x21-\x7e]{1,128}$/.test(id)) return id;
  throw new ConfigError(["--message-id must be 1 to 128 characters of printable ASCII without spaces."]);
}
