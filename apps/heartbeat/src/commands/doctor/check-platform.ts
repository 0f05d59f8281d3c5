import type { Auth } from "@x/auth-core";
import { systemClock } from "../../clock.ts";
import type { Timing } from "../../config/timing.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { createPlatformClient, type PlatformClient } from "../../transport/client.ts";
import { createPlainTransport } from "../../transport/plain-transport.ts";
import { type Asked, advice, classify, type Outcome, type Reply, statusIn } from "../../transport/reply.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** Checks health, routing, the workspace and the token at the platform, with GET alone. */
export async function checkPlatform(
  { id, platformUrl }: WorkspaceConfig,
  { timeoutMs }: Timing,
  auth: Auth,
): Promise<Finding[]> {
  const client = createPlatformClient(platformUrl, systemClock(), await createPlainTransport(platformUrl));
  const headers = await auth.authHeaders();
  const get = (path: string) => client.send({ method: "GET", path, headers, timeoutMs });
  const asked = { workspaceId: id, token: headers.Authorization?.slice("Bearer ".length) ?? "" };
  try {
    const started = performance.now();
    const health = await get("health");
    const reached = healthFinding(
      client,
      classify(health, { token: asked.token }),
      performance.now() - started,
    );
    if (reached.status === "problem") return [reached];
    const reply = await get(`workspaces/${id}`);
    const hasToken = headers.Authorization !== undefined;
    // Without a token and unknown to the platform: a workspace before its first registration.
    if (!hasToken && reply.status === 404 && !reply.empty) {
      return [
        reached,
        note("workspace", `the platform does not know ${id} yet; it does once ${id} registers`),
      ];
    }
    const workspace = workspaceFinding(asked, reply);
    if (!hasToken) return [reached, workspace, noToken(id, workspace)];
    return [reached, workspace, tokenFinding(asked, await get(`workspaces/${id}/delegations`))];
  } finally {
    await client.close();
  }
}

/** The platform does not say whether it ever issued a token. */
function noToken(id: string, { status }: Finding): Finding {
  const lost = `while ${id} has a live token, registering without it is rejected: store that token, or issue a new one there`;
  return note("token accepted", status === "ok" ? `there is none to try; ${lost}` : "there is none to try");
}

function healthFinding({ baseUrl }: PlatformClient, outcome: Outcome, tookMs: number): Finding {
  if (outcome.kind === "accepted") return ok("platform", `${baseUrl} answered in ${tookMs.toFixed(0)} ms`);
  const fix =
    advice(outcome) ?? "check PLATFORM_URL, and that the platform is up and can be reached from here";
  return problem("platform", `${baseUrl}: ${outcome.why}`, fix);
}

function workspaceFinding(asked: Required<Asked>, reply: Reply): Finding {
  const { workspaceId } = asked;
  const outcome = classify(reply, asked);
  if (outcome.kind === "accepted") {
    const status = statusIn(reply);
    if (status === null) {
      const fix = "check PLATFORM_URL: something other than the platform may answer there";
      return problem("workspace", `the answer about ${workspaceId} has no status`, fix);
    }
    if (status !== "removed") return ok("workspace", `the platform knows ${workspaceId}: ${status}`);
    return problem(
      "workspace",
      `${workspaceId} was removed`,
      "create it again there, and use its new id and token",
    );
  }
  const check = outcome.kind === "routing_error" ? "routing" : "workspace";
  return problem(
    check,
    `${workspaceId}: ${outcome.why}`,
    advice(outcome) ?? "try again; the platform gave no usable answer",
  );
}

function tokenFinding(asked: Asked, reply: Reply): Finding {
  const outcome = classify(reply, asked);
  if (outcome.kind === "accepted") return ok("token accepted", "the platform accepts it for this workspace");
  if (outcome.kind !== "unauthorized")
    return note("token accepted", `the platform gave no usable answer: ${outcome.why}`);
  return problem(
    "token accepted",
    outcome.why,
    "none of the configured sources holds the token that the platform accepts: issue a new one there, or remove what shadows the right one",
  );
}
