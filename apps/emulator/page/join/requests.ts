import type { Fetch } from "@x/auth-core";
import type { Outcome } from "./runner.ts";

/** What the platform answered; the status is 0 when it did not. */
export interface Reply {
  readonly status: number;
  /** The parsed JSON; null when there was none. */
  readonly body: unknown;
  readonly retryAfterMs: number;
}

/** Shorter than one tab waits for another: one that hangs does not let go of its turn later. */
const TIMEOUT_MS = 8_000;
/** A platform that asks for more is not believed. */
const MAX_WAIT_MS = 60_000;

/** Sends to the platform that the page came from: a GET, or with `json` a POST. Never rejects. */
export async function request(send: Fetch, path: string, json?: unknown): Promise<Reply> {
  const sent =
    json === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) };
  try {
    const url = `${location.origin}${path}`;
    const response = await send(url, { ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, headers } = response;
    const retryAfterMs = (Number(headers.get("retry-after")) || 0) * 1000;
    return { status, retryAfterMs, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null, retryAfterMs: 0 };
  }
}

export function outcomeOf({ status, retryAfterMs }: Reply): Outcome {
  if (status >= 200 && status < 300) return { kind: "accepted" };
  if (status === 401) return { kind: "refused" };
  const why = status === 0 ? "no answer" : `answered ${status}`;
  return { kind: "failed", why, waitMs: Math.min(retryAfterMs, MAX_WAIT_MS) };
}

/** Body of a register: a tab has no address, so it polls. */
export function registration(id: string, needsUrl: boolean) {
  // A platform that does not know polling takes no empty URL; this one can never lead anywhere (RFC 2606).
  const url = needsUrl ? `http://workspace.invalid/${id}` : "";
  return { id, url, delivery_mode: "poll", agent_card: { name: "Browser tab", skills: [] } };
}

/** Body of a beat, with every field: one that is left out is set to zero over there. */
export function signOfLife(id: string) {
  return {
    workspace_id: id,
    error_rate: 0,
    sample_error: "",
    active_tasks: 0,
    uptime_seconds: Math.floor(performance.now() / 1000),
    current_task: document.hidden ? "waiting in the background" : "being watched",
    monthly_spend: 0,
    runtime_state: "",
    runtime_metadata: { runtime: "browser" },
  };
}
