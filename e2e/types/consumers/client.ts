import { createAuth, memoryTokenStorage } from "@x/auth-core";
import {
  advice,
  createCircuitBreaker,
  createPlatformClient,
  createPlatformClients,
  type Issued,
  type PlatformClient,
  type PlatformErrorCode,
  type PlatformResult,
  planRegistration,
  type Transport,
} from "@x/platform-client";

/** A custom transport. */
const transport: Transport = {
  request: async ({ url, timeoutMs }) => ({
    status: url.length > timeoutMs ? 500 : 200,
    headers: { get: () => null },
    text: "{}",
  }),
};

const platformUrl = "https://platform.example";
const auth = createAuth({ storage: memoryTokenStorage(), platformUrl });
const issued: Issued[] = [];
const client: PlatformClient = createPlatformClient({
  auth,
  platformUrl,
  workspaceId: "agent-7",
  transport,
  breaker: createCircuitBreaker(),
  onIssued: (each) => void issued.push(each),
});

export const clientOf = createPlatformClients({ platformUrl, timeoutMs: 5_000 });

/** As in an A2A library, whose types are interfaces. */
interface OwnCard {
  name: string;
  skills: { id: string }[];
}

export async function describeSelf(card: OwnCard): Promise<void> {
  await client.register({ agentCard: card });
  await client.updateCard({ ...card, version: "1" });
  await client.heartbeat({ agentCard: card });
  // @ts-expect-error: a card is an object
  await client.updateCard("my agent");
}

export async function use(): Promise<string | null> {
  const plan = planRegistration(await client.workspace());
  if (plan.action === "stop") return advice(plan.failure);
  const result: PlatformResult<unknown> = await client.heartbeat({ uptimeSeconds: 30 });
  // @ts-expect-error: an uptime is a number
  await client.heartbeat({ uptimeSeconds: "30" });
  // @ts-expect-error: the value may be missing
  result.value;
  // @ts-expect-error: a receiver is required
  await client.sendMessage({ text: "hi" });
  // @ts-expect-error: the result is read-only
  for (const each of issued) each.token = "";
  if (result.ok) return null;
  const known: PlatformErrorCode = "WORKSPACE_REMOVED";
  return result.failure.code === known ? "removed" : result.failure.kind;
}
