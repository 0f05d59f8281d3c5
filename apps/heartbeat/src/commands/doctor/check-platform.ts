import type { Auth } from "@x/auth-core";
import {
  advice,
  createPlatformClient,
  type PlatformFailure,
  type PlatformResult,
  type WorkspaceInfo,
} from "@x/platform-client";
import type { Timing } from "../../config/timing.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import type { Route } from "../../transport/proxies.ts";
import { userAgent } from "../../version.ts";
import { checkInbox } from "./check-inbox.ts";
import { type Finding, note, ok, problem } from "./findings.ts";
import type { PlatformAccess } from "./platform-access.ts";

export interface PlatformCheck {
  readonly workspace: WorkspaceConfig;
  readonly timing: Timing;
  readonly auth: Auth;
  readonly access: PlatformAccess;
  /** A source of the token failed and was reported, so a missing token needs no finding of its own. */
  readonly hasFailedSource: boolean;
}

/** Checks health, routing, the workspace and the token at the platform, with GET requests only. */
export async function checkPlatform(check: PlatformCheck): Promise<Finding[]> {
  const findings = await checkAnswers(check);
  return [...check.access.findings(), ...findings];
}

async function checkAnswers({
  workspace: { id, platformUrl },
  timing,
  auth,
  access,
  hasFailedSource,
}: PlatformCheck): Promise<Finding[]> {
  const { limit } = access;
  let isRecovered = false;
  const client = createPlatformClient({
    auth,
    platformUrl,
    workspaceId: id,
    transport: access.transport,
    timeoutMs: timing.timeoutMs,
    userAgent,
    onTokenRecovered() {
      isRecovered = true;
    },
    onRateLimit: (seen) => limit.observe(seen),
  });
  access.health ??= limit.keep(() => client.health());
  const reached = healthFinding(platformUrl, await access.health, access.route);
  if (reached.status === "problem") return [reached];
  const found = await limit.keep(() => client.workspace());
  const hasToken = (await auth.getToken()) !== null;
  const isUnknown = !found.ok && found.failure.code === "WORKSPACE_NOT_FOUND";
  if (!hasToken && isUnknown) {
    const detail = `the platform does not know ${id} yet: it has not registered`;
    return [reached, note("workspace", detail)];
  }
  const workspace = workspaceFinding(id, found);
  // No token is accepted for a workspace that was removed or never existed: one cause, one piece of advice.
  if (isRemoved(found) || isUnknown) return [reached, workspace];
  if (!hasToken) return hasFailedSource ? [reached, workspace] : [reached, workspace, noToken(id, workspace)];
  const token = tokenFinding(await limit.keep(() => client.state()));
  const inbox = found.ok && token.status === "ok" ? await checkInbox(client, found.value, limit) : [];
  return [reached, workspace, isRecovered ? await recoveredFinding(auth) : token, ...inbox];
}

/** The platform does not reveal whether it ever issued a token. */
function noToken(id: string, { status }: Finding): Finding {
  const lost = `while ${id} has a live token, registering without it is rejected: store that token, or issue a new one there`;
  return note(
    "token accepted",
    status === "ok" ? `there is no token to check; ${lost}` : "there is no token to check",
  );
}

function healthFinding(platformUrl: string, result: PlatformResult<unknown>, { proxy }: Route): Finding {
  if (result.ok) return ok("platform", `${platformUrl} answered in ${result.latencyMs.toFixed(0)} ms`);
  const { failure } = result;
  const way = proxy === null ? "from here" : `through the proxy ${proxy.origin}`;
  const fix = fixOf(failure) ?? `Check PLATFORM_URL, and that the platform is up and can be reached ${way}.`;
  return problem("platform", `${platformUrl}: ${failure.message}`, fix);
}

function fixOf(failure: PlatformFailure): string | null {
  const { code, retryAfterMs } = failure;
  if (code !== "RATE_LIMITED") return advice(failure);
  const when = retryAfterMs === 0 ? "later" : `in ${Math.ceil(retryAfterMs / 1_000)} s`;
  return `Try again ${when}. If that does not help, have the limit raised.`;
}

const isRemoved = (result: PlatformResult<WorkspaceInfo>): boolean =>
  result.ok ? result.value.status === "removed" : result.failure.code === "WORKSPACE_REMOVED";

function workspaceFinding(id: string, result: PlatformResult<WorkspaceInfo>): Finding {
  if (isRemoved(result)) {
    const fix = "Create a new workspace on the platform, and use its id and token.";
    return problem("workspace", `${id} was removed from the platform, and its token with it`, fix);
  }
  if (!result.ok) {
    const { failure } = result;
    const check = failure.kind === "routing_error" ? "routing" : "workspace";
    const fix = fixOf(failure) ?? "Try again; the platform gave no usable answer.";
    return problem(check, `${id}: ${failure.message}`, fix);
  }
  const { status } = result.value;
  if (status !== "") return ok("workspace", `the platform knows ${id}: ${status}`);
  const fix = "Check PLATFORM_URL: something other than the platform may answer there.";
  return problem("workspace", `the answer about ${id} has no status`, fix);
}

/** The runner recovers in the same way, after a 401 at each start. */
async function recoveredFinding(auth: Auth): Promise<Finding> {
  const { sources } = await auth.explain();
  const rejected = sources.find(({ state }) => state === "rejected");
  const accepted = sources.find(({ source, sameAsUsed }) => source !== "cache" && sameAsUsed);
  const detail = `the platform rejects the token from ${rejected?.location} (401), and accepts the one from ${accepted?.location}`;
  return problem(
    "token accepted",
    detail,
    "Remove the rejected one, or store the accepted one in its place.",
  );
}

function tokenFinding(result: PlatformResult<unknown>): Finding {
  if (result.ok) return ok("token accepted", "the platform accepts it for this workspace");
  const { failure } = result;
  if (failure.kind !== "unauthorized" && failure.kind !== "forbidden") {
    return note("token accepted", `the platform gave no usable answer: ${failure.message}`);
  }
  const fix =
    "None of the configured sources holds the token that the platform accepts: issue a new one there, or remove what shadows the right one.";
  return problem("token accepted", failure.message, fix);
}
