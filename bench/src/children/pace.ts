import type { TransportRequest, TransportResponse } from "@x/platform-client";
import { virtualTime } from "../../../apps/heartbeat/soak/virtual-time.ts";
import { serveTasks } from "../children.ts";
import { startSimulated, textOf } from "../simulated.ts";

/** The start of a tenant's fleet with stored tokens, in simulated time, under the platform's rate limit. */
export interface PaceTask {
  readonly workspaces: number;
  /** The platform's limit per tenant and minute. */
  readonly limit: number;
}

export interface PaceAnswer {
  /** From the start until the platform has received a request from every workspace. */
  readonly minutes: number;
  /** Within that time. */
  readonly requests: number;
}

const MINUTE_MS = 60_000;
const LATENCY_MS = 100;
const STEP_MS = 5_000;

serveTasks(async ({ workspaces, limit }: PaceTask): Promise<PaceAnswer> => {
  const clock = virtualTime();
  const heard = new Set<string>();
  let startedAt = Number.NEGATIVE_INFINITY;
  let left = limit;
  let requests = 0;
  let allAt: number | null = null;
  const answered = (asked: TransportRequest): TransportResponse => {
    const now = clock.monotonic();
    if (now - startedAt >= MINUTE_MS) [startedAt, left] = [now, limit];
    const isLimited = left === 0;
    left = Math.max(0, left - 1);
    if (allAt === null) {
      requests += 1;
      if (!isLimited && asked.method === "POST") heard.add(asked.headers.Authorization ?? "");
      if (heard.size === workspaces) allAt = now;
    }
    const reset = String(Math.floor((startedAt + MINUTE_MS - now) / 1000));
    const fields = new Map([
      ["x-ratelimit-limit", String(limit)],
      ["x-ratelimit-remaining", String(left)],
      ["x-ratelimit-reset", reset],
      ["retry-after", reset],
    ]);
    const text = textOf(asked.method, asked.url);
    return { status: isLimited ? 429 : 200, headers: { get: (name) => fields.get(name) }, text };
  };
  const request = (asked: TransportRequest) =>
    new Promise<TransportResponse>((resolve) => {
      clock.after(LATENCY_MS / 2, () => {
        const response = answered(asked);
        clock.after(LATENCY_MS / 2, () => resolve(response));
      });
    });
  const running = await startSimulated({ workspaces, orgId: "org-1", clock, request });
  const begunAt = clock.monotonic();
  while (allAt === null) await clock.pass(STEP_MS);
  const minutes = (allAt - begunAt) / MINUTE_MS;
  await running.stop();
  return { minutes, requests };
});
