import type { Static } from "typebox";
import { whatIsWrongWithUrl } from "./agent-url.ts";
import type { Platform } from "./app.ts";
import { hasNul, isRecord } from "./json.ts";
import { bytesOf, MAX_PART_BYTES, MAX_URL_LENGTH } from "./limits.ts";
import type { DeliveryMode } from "./liveness.ts";
import type { RegisterBody } from "./schemas/registry.ts";
import { parseUuid } from "./uuid.ts";
import type { Workspace } from "./workspace.ts";

type Checked =
  | { readonly deliveryMode: DeliveryMode; readonly url: string }
  | { readonly status: number; readonly error: string };

/** The result of a registration, or the reason for its rejection. */
export async function checkRegistration(
  { id, url = "", agent_card: agentCard, delivery_mode: mode = "", kind }: Static<typeof RegisterBody>,
  before: Workspace | undefined,
  { contract }: Platform,
): Promise<Checked> {
  const isUuid = parseUuid(id) !== null;
  if (kind === "platform") {
    const error = "kind='platform' may only be assigned by the platform-agent install path";
    return isUuid ? { status: 403, error } : NOT_REGISTERED;
  }
  if (!contract.pollMode) return checkV1({ id, url, agentCard });
  // The current mode is fetched, which in the database works only for a UUID.
  if (!isMode(mode) && !isUuid) return NOT_REGISTERED;
  const deliveryMode = isMode(mode) ? mode : (before?.deliveryMode ?? "push");
  const effectiveUrl = deliveryMode === "push" ? url || urlIn(agentCard) : url;
  if (deliveryMode === "push") {
    const cardUrl = urlIn(agentCard);
    if (cardUrl !== "" && (await whatIsWrongWithUrl(cardUrl)) !== null) {
      return { status: 400, error: "workspace agent_card URL not allowed" };
    }
    if (effectiveUrl === "") return { status: 400, error: "url is required for push-mode workspaces" };
    const wrong = await whatIsWrongWithUrl(effectiveUrl);
    if (wrong !== null) return { status: 400, error: wrong };
  }
  const large = largePart(effectiveUrl, agentCard);
  if (large) return large;
  if (!isUuid || hasNul([effectiveUrl, agentCard])) return NOT_REGISTERED;
  // A polling workspace's URL is stored as given; the platform never calls it.
  return { deliveryMode, url: effectiveUrl };
}

const NOT_REGISTERED = { status: 500, error: "registration failed" };

function checkV1({ id, url, agentCard }: { id: string; url: string; agentCard: unknown }): Checked {
  if (parseUuid(id) === null) {
    return hasNul(id) ? NOT_REGISTERED : { status: 400, error: "invalid workspace ID" };
  }
  if (url === "") return { status: 400, error: "invalid request body" };
  const large = largePart(url, agentCard);
  if (large) return large;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
  if (scheme !== "http" && scheme !== "https") {
    return { status: 400, error: `url scheme must be http or https, got "${scheme}"` };
  }
  if (!URL.canParse(url)) return { status: 400, error: "url is not a valid URL" };
  return hasNul([url, agentCard]) ? NOT_REGISTERED : { deliveryMode: "push", url };
}

function largePart(url: string, agentCard: unknown): { status: number; error: string } | undefined {
  if (url.length > MAX_URL_LENGTH) return { status: 413, ...tooLarge("url", MAX_URL_LENGTH) };
  if (bytesOf(agentCard) > MAX_PART_BYTES) return { status: 413, ...tooLarge("agent_card") };
  return undefined;
}

export const isMode = (mode: string): mode is DeliveryMode => mode === "push" || mode === "poll";

export const urlIn = (agentCard: unknown): string =>
  isRecord(agentCard) && typeof agentCard.url === "string" ? agentCard.url : "";

export const tooLarge = (what: string, max = MAX_PART_BYTES) => ({
  error: `${what} is larger than ${max} bytes`,
});
