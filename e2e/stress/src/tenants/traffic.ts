import { isAuthError } from "@x/auth-core";
import { createTally, type Tally } from "../report/finding.ts";
import type { Setup, Tenant } from "./setups.ts";

const IN_FLIGHT = 16;

/** Requests between two rotations of a token. */
const ROTATE_EVERY = 25;

/**
 * Sends concurrent random requests of two tenants while their tokens rotate. Some go to the other's platform by
 * mistake, and some are redirected there.
 */
export async function sendInterleaved(
  tenants: readonly [Tenant, Tenant],
  { sends, learn }: Setup,
  { requests, progress }: { requests: number; progress: (done: number) => void },
): Promise<void> {
  const [one, other] = tenants;
  one.platform.redirectTo(other.platform.origin);
  other.platform.redirectTo(one.platform.origin);
  for (const [index, { platform }] of tenants.entries()) {
    const token = platform.issue();
    platform.accept(token);
    learn(index, token);
  }
  let begun = 0;
  const lane = async () => {
    while (begun < requests) {
      const n = begun++;
      const tenant = Math.random() < 0.5 ? 0 : 1;
      if (n % ROTATE_EVERY === 0) rotate(tenants[tenant], tenant, learn);
      await sends[tenant]?.(urlOf(tenants, tenant), bodyOf(n)).catch(mustBeRejected);
      progress(n);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** Published before it becomes valid, or after. */
function rotate({ platform }: Tenant, index: number, learn: Setup["learn"]): void {
  const token = platform.issue();
  const steps = [() => learn(index, token), () => platform.accept(token)];
  const [first, second] = Math.random() < 0.5 ? steps : steps.reverse();
  first?.();
  setTimeout(() => second?.(), Math.random() * 10);
}

function urlOf(tenants: readonly [Tenant, Tenant], tenant: 0 | 1): string {
  const at = Math.random();
  if (at < 0.05) return `${tenants[tenant === 0 ? 1 : 0].platform.origin}/by-mistake`;
  const { origin } = tenants[tenant].platform;
  return at < 0.1 ? `${origin}/elsewhere` : `${origin}/registry/heartbeat`;
}

function bodyOf(n: number): RequestInit {
  return n % 3 === 0 ? {} : { method: "POST", body: JSON.stringify({ n }) };
}

function mustBeRejected(error: unknown): void {
  if (!isAuthError(error) || error.code !== "REDIRECT_REJECTED") throw error;
}

/** Another tenant's data in the requests that each platform received. */
export function examine(tenants: readonly Tenant[], uninvolved: readonly Tenant[] = []): Tally {
  const tally = createTally();
  for (const { platform } of tenants) {
    const others = [...tenants, ...uninvolved].filter((each) => each.platform !== platform);
    for (const request of platform.requests) {
      tally.add(others.map((other) => foreign(request, other)).find((what) => what !== null) ?? null);
    }
  }
  return tally;
}

function foreign(request: string, { orgId, platform, workspaceId }: Tenant): string | null {
  if (platform.tokens.some((token) => request.includes(token))) return "the other's token";
  if (request.includes(workspaceId)) return "the other's id";
  if (request.includes(orgId)) return "the other's tenant";
  return request.includes(new URL(platform.origin).host) ? "the other's origin" : null;
}
