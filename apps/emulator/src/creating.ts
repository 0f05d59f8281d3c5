import type { Static } from "typebox";
import { whatIsWrongWithUrl } from "./agent-url.ts";
import type { Platform } from "./app.ts";
import { hasNul } from "./json.ts";
import type { DeliveryMode } from "./liveness.ts";
import type { RouteAnswer } from "./messages.ts";
import type { CreateWorkspace } from "./schemas/operator.ts";
import { canonicalId, parseUuid } from "./uuid.ts";

const NOT_CREATED = { status: 500, body: { error: "failed to create workspace" } };
/** The tier of a workspace created without one. */
const DEFAULT_TIER = 3;

/** The error for an operator's request to create a workspace; undefined if it is valid. */
export async function creationProblem(
  { name, delivery_mode: mode = "", parent_id: parentId, url = "" }: Static<typeof CreateWorkspace>,
  { state }: Platform,
): Promise<RouteAnswer | undefined> {
  if (hasNul(name)) return NOT_CREATED;
  if (mode !== "" && mode !== "push" && mode !== "poll") {
    return { status: 400, body: { error: "delivery_mode must be 'push' or 'poll'" } };
  }
  if (parentId && (parseUuid(parentId) === null || !state.has(canonicalId(parentId)))) {
    return NOT_CREATED;
  }
  const wrong = url === "" ? null : await whatIsWrongWithUrl(url);
  return wrong === null ? undefined : { status: 400, body: { error: wrong } };
}

/** Creates a workspace as an operator does. @returns the answer */
export function create(
  id: string,
  body: Static<typeof CreateWorkspace>,
  { platform: { state }, baseUrl }: { platform: Platform; baseUrl: string },
) {
  const { name, url = "", parent_id: parentId } = body;
  const runtime = body.external && !body.runtime ? "external" : body.runtime || "claude-code";
  const isExternal = body.external === true || runtime === "external";
  const isAwaited = isExternal && url === "";
  const status = isAwaited ? "awaiting_agent" : isExternal ? "online" : "provisioning";
  state.create(id, {
    name,
    role: body.role || null,
    tier: body.tier || DEFAULT_TIER,
    runtime,
    parentId: parentId ? canonicalId(parentId) : null,
    deliveryMode: (body.delivery_mode || (isAwaited ? "poll" : "push")) as DeliveryMode,
    url,
    status,
  });
  return {
    id,
    status,
    ...(isExternal && { external: true }),
    ...(isAwaited && { connection: connectionOf(id, state.issue(id), baseUrl) }),
  };
}

/** The connection data for an external agent. */
export function connectionOf(id: string, token: string, baseUrl: string) {
  return {
    workspace_id: id,
    platform_url: baseUrl,
    auth_token: token,
    registry_endpoint: `${baseUrl}/registry/register`,
    heartbeat_endpoint: `${baseUrl}/registry/heartbeat`,
  };
}
