import type { Static } from "typebox";
import { whatIsWrongWithUrl } from "./agent-url.ts";
import type { Platform } from "./app.ts";
import { hasNul } from "./json.ts";
import type { DeliveryMode } from "./liveness.ts";
import type { RouteAnswer } from "./messages.ts";
import type { CreateWorkspace } from "./schemas/operator.ts";
import { canonicalId } from "./uuid.ts";

const NOT_CREATED = { status: 500, body: { error: "failed to create workspace" } };
/** The tier of a workspace created without one. */
const DEFAULT_TIER = 3;
const MAX_NAME_BYTES = 255;
const MAX_ROLE_BYTES = 1_000;

/** The error for an operator's request to create a workspace; undefined if it is valid. */
export async function creationProblem(
  body: Static<typeof CreateWorkspace>,
  { state }: Platform,
): Promise<RouteAnswer | undefined> {
  const { name, role = "", model = "", delivery_mode: mode = "", parent_id: parentId, url = "" } = body;
  const runtime = runtimeOf(body);
  if (!fits(name, MAX_NAME_BYTES) || !fits(role, MAX_ROLE_BYTES) || /[\n\r]/.test(runtime)) {
    return { status: 400, body: { error: "invalid workspace fields" } };
  }
  if (runtime !== EXTERNAL) {
    const error = body.external
      ? "external workspaces must use runtime external"
      : "model is required and has no platform-side default";
    const code = body.external ? "RUNTIME_UNSUPPORTED" : "MODEL_REQUIRED";
    if (body.external || model === "") return { status: 422, body: { error, runtime, code } };
  }
  const wrong = url === "" ? null : await whatIsWrongWithUrl(url);
  if (wrong !== null) return { status: 400, body: { error: `unsafe workspace URL: ${wrong}` } };
  if (mode !== "" && mode !== "push" && mode !== "poll") {
    return { status: 400, body: { error: "delivery_mode must be 'push' or 'poll'" } };
  }
  const hasParent = parentId === undefined || state.has(canonicalId(parentId));
  return hasParent && !hasNul([name, role]) ? undefined : NOT_CREATED;
}

const EXTERNAL = "external";

/** What runs the workspace. By default nothing on the platform if the agent is elsewhere. */
const runtimeOf = ({ external, runtime = "" }: Static<typeof CreateWorkspace>): string =>
  runtime || (external ? EXTERNAL : "claude-code");

/** Names and roles end up in YAML, so they may contain no line breaks and no YAML syntax. */
const fits = (text: string, maxBytes: number): boolean =>
  !/[\n\r{}[\]|>*&!]/.test(text) && Buffer.byteLength(text) <= maxBytes;

/** Creates a workspace as an operator does, and gives the answer. */
export function create(
  id: string,
  body: Static<typeof CreateWorkspace>,
  { platform: { state }, baseUrl }: { platform: Platform; baseUrl: string },
) {
  const { url = "" } = body;
  const parentId = body.parent_id ? canonicalId(body.parent_id) : null;
  const name = freeName(body.name, new Set(state.siblingNames(parentId)));
  const runtime = runtimeOf(body);
  const isExternal = runtime === EXTERNAL;
  const isAwaited = isExternal && url === "";
  const status = isAwaited ? "awaiting_agent" : isExternal ? "online" : "provisioning";
  state.create(id, {
    name,
    role: body.role || null,
    tier: body.tier || DEFAULT_TIER,
    runtime,
    parentId,
    deliveryMode: (body.delivery_mode || "push") as DeliveryMode,
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

/** The name, with a number if a sibling already has it. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
  return free;
}

/** What an agent elsewhere needs to connect. */
export function connectionOf(id: string, token: string, baseUrl: string) {
  return {
    workspace_id: id,
    platform_url: baseUrl,
    auth_token: token,
    registry_endpoint: `${baseUrl}/registry/register`,
    heartbeat_endpoint: `${baseUrl}/registry/heartbeat`,
  };
}
