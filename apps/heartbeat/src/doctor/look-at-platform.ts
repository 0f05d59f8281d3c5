import type { Auth } from "@x/auth-core";
import { systemClock } from "../clock.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import { createPlatformClient, type PlatformClient } from "../platform/client.ts";
import { createPlainTransport } from "../platform/plain-transport.ts";
import { type Asked, advice, judge, type Outcome, type Reply, statusIn } from "../platform/reply.ts";
import type { Pace } from "../worker/delays.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** What the platform says, asked with GET alone: health, routing, the workspace, the token. */
export async function lookAtPlatform(
  { id, platformUrl }: WorkspaceConfig,
  { timeoutMs }: Pace,
  auth: Auth,
): Promise<Finding[]> {
  const client = createPlatformClient(platformUrl, systemClock(), await createPlainTransport(platformUrl));
  const headers = await auth.authHeaders();
  const get = (path: string) => client.send({ method: "GET", path, headers, timeoutMs });
  const asked = { workspaceId: id, token: headers.Authorization?.slice("Bearer ".length) ?? "" };
  try {
    const started = performance.now();
    const health = await get("health");
    const reached = judgeHealth(client, judge(health, { token: asked.token }), performance.now() - started);
    if (reached.status === "problem") return [reached];
    const reply = await get(`workspaces/${id}`);
    const hasToken = headers.Authorization !== undefined;
    // Without a token and unknown over there: a workspace at its very start.
    if (!hasToken && reply.status === 404 && !reply.empty) {
      return [
        reached,
        note("workspace", `the platform does not know ${id} yet; it does once ${id} registers`),
      ];
    }
    const workspace = judgeWorkspace(asked, reply);
    if (!hasToken) return [reached, workspace, noToken(id, workspace)];
    return [reached, workspace, judgeToken(asked, await get(`workspaces/${id}/delegations`))];
  } finally {
    await client.close();
  }
}

/** Whether it was ever issued one, the platform does not say. */
function noToken(id: string, { status }: Finding): Finding {
  const lost = `while a token of it is live, registering ${id} is refused: store that token, or issue a new one there`;
  return note("token accepted", status === "ok" ? `there is none to try; ${lost}` : "there is none to try");
}

function judgeHealth({ baseUrl }: PlatformClient, outcome: Outcome, tookMs: number): Finding {
  if (outcome.kind === "accepted") return ok("platform", `${baseUrl} answered in ${tookMs.toFixed(0)} ms`);
  const fix =
    advice(outcome) ?? "check PLATFORM_URL, and that the platform is up and can be reached from here";
  return problem("platform", `${baseUrl}: ${outcome.why}`, fix);
}

function judgeWorkspace(asked: Required<Asked>, reply: Reply): Finding {
  const { workspaceId } = asked;
  const outcome = judge(reply, asked);
  if (outcome.kind === "accepted") {
    const status = statusIn(reply);
    if (status === null) {
      const fix = "check PLATFORM_URL: something else than the platform may answer there";
      return problem("workspace", `the answer about ${workspaceId} names no status`, fix);
    }
    if (status !== "removed") return ok("workspace", `the platform knows ${workspaceId}: ${status}`);
    return problem(
      "workspace",
      `${workspaceId} was removed`,
      "create it again there, and use its new id and token",
    );
  }
  const check = outcome.kind === "misrouted" ? "routing" : "workspace";
  return problem(
    check,
    `${workspaceId}: ${outcome.why}`,
    advice(outcome) ?? "try again; the platform could not say",
  );
}

function judgeToken(asked: Asked, reply: Reply): Finding {
  const outcome = judge(reply, asked);
  if (outcome.kind === "accepted") return ok("token accepted", "the platform takes it for this workspace's");
  if (outcome.kind !== "refused") return note("token accepted", `the platform could not say: ${outcome.why}`);
  return problem(
    "token accepted",
    outcome.why,
    "the platform knows another token for this workspace: issue a new one there, or mend what shadows the right one",
  );
}
