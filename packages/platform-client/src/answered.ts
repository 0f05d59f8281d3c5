import type { AuthHeaders, Awaitable } from "@x/auth-core";
import { outcomeFor, WORKS } from "./breaker-outcome.ts";
import type { Permit } from "./circuit-breaker.ts";
import { type Asked, failureOf } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Receipt } from "./issued.ts";
import type { Sender } from "./platform.ts";
import type { Reply } from "./reply.ts";
import type { PlatformFailure, PlatformResult, RateLimit } from "./result.ts";
import { NOTHING_RECEIVED, takeIssued } from "./take-issued.ts";

/** A request that was answered. */
export interface Answered<T> extends Asked {
  readonly sender: Sender;
  readonly endpoint: Endpoint<T>;
  readonly permit: Permit;
  readonly headers: AuthHeaders;
  readonly sentAt: number;
  /** It was resent with another token. */
  readonly isRecovered: boolean;
}

/** Returns a promise only when a received token has to be stored. */
export function answered<T>(call: Answered<T>, reply: Reply): Awaitable<PlatformResult<T>> {
  const { sender, endpoint, headers } = call;
  const { breaker, clock } = sender.platform;
  const latencyMs = clock.monotonic() - call.sentAt;
  const failure = endpoint.classify(reply, call);
  const { rateLimit } = reply;
  if (rateLimit !== undefined) reportRateLimit(sender, headers, rateLimit);
  const outcome =
    failure === null ? WORKS : outcomeFor(endpoint.group, failure, limitedBy(headers, rateLimit));
  breaker.release(call.permit, outcome);
  if (failure !== null) return failed(failure, rateLimit);
  if (call.isRecovered) reportRecovery(sender);
  if (endpoint.issues === null) return resultOf(call, reply, { receipt: NOTHING_RECEIVED, latencyMs });
  const receipt = takeIssued(sender, endpoint.issues, reply.body, headers);
  return receipt instanceof Promise
    ? receipt.then((each) => resultOf(call, reply, { receipt: each, latencyMs }))
    : resultOf(call, reply, { receipt, latencyMs });
}

function resultOf<T>(
  call: Answered<T>,
  reply: Reply,
  { receipt, latencyMs }: { readonly receipt: Receipt; readonly latencyMs: number },
): PlatformResult<T> {
  const { status, rateLimit } = reply;
  const value = call.endpoint.parse(reply, call, receipt);
  if (value === undefined) {
    return failed(failureOf(reply, call, "invalid", "RESPONSE_UNEXPECTED", "yes"), rateLimit);
  }
  const result = { ok: true, status, value, latencyMs } as const;
  return rateLimit === undefined ? result : { ...result, rateLimit };
}

/** The platform limits requests per tenant, or per bearer token if there is no tenant. */
export function limitedBy(headers: AuthHeaders, rateLimit: RateLimit | undefined) {
  return {
    isPlatformLimit: rateLimit !== undefined,
    isOwnBucket: headers.Authorization !== undefined && headers["X-Molecule-Org-Id"] === undefined,
  };
}

export function failed(failure: PlatformFailure, rateLimit?: RateLimit): PlatformResult<never> {
  return rateLimit === undefined ? { ok: false, failure } : { ok: false, failure, rateLimit };
}

function reportRateLimit(
  { platform, workspaceId }: Sender,
  headers: AuthHeaders,
  rateLimit: RateLimit,
): void {
  const signed = headers.Authorization === undefined ? "address" : "bearer";
  const bucket = headers["X-Molecule-Org-Id"] === undefined ? signed : "tenant";
  if (platform.onRateLimit) notify(platform.onRateLimit, { workspaceId, bucket, rateLimit });
}

function reportRecovery({
  platform,
  workspaceId,
  onTokenRecovered = platform.onTokenRecovered,
}: Sender): void {
  if (onTokenRecovered) notify(onTokenRecovered, { workspaceId, platformOrigin: platform.origin });
}

/** A listener's error must not affect the request, nor an async listener's rejection end the process. */
function notify<E>(listener: (event: E) => Awaitable<void>, event: E): void {
  try {
    const heard = listener(event);
    // No promise for a listener that returns none: nearly every response states a rate limit.
    if (heard) Promise.resolve(heard).catch(() => {});
  } catch {
    // There is no one to report it to.
  }
}
