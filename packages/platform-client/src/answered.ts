import type { AuthHeaders, Awaitable } from "@x/auth-core";
import { outcomeFor, WORKS } from "./breaker-outcome.ts";
import type { Permit } from "./circuit-breaker.ts";
import { type Asked, failureOf } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Receipt } from "./issued.ts";
import type { Sender } from "./platform.ts";
import type { Reply } from "./reply.ts";
import type { PlatformFailure, PlatformResult, RateLimit } from "./result.ts";
import { bearerOf } from "./sign.ts";
import { NOTHING_RECEIVED, takeIssued } from "./take-issued.ts";

/** A request with its answer. */
interface Answered {
  readonly permit: Permit;
  readonly headers: AuthHeaders;
  readonly reply: Reply;
  readonly asked: Asked;
  readonly sentAt: number;
  /** It was resent with another token. */
  readonly isRepeated: boolean;
}

/** Returns a promise only when a received token has to be stored. */
export function answered<T>(
  sender: Sender,
  endpoint: Endpoint<T>,
  { permit, headers, reply, asked, sentAt, isRepeated }: Answered,
): Awaitable<PlatformResult<T>> {
  const { breaker, clock } = sender.platform;
  const latencyMs = clock.monotonic() - sentAt;
  const failure = endpoint.classify(reply, asked);
  const { rateLimit } = reply;
  if (rateLimit !== undefined) reportRateLimit(sender, headers, rateLimit);
  const outcome =
    failure === null ? WORKS : outcomeFor(endpoint.group, failure, limitedBy(headers, rateLimit));
  breaker.release(permit, outcome);
  if (failure !== null) return failed(failure, rateLimit);
  if (isRepeated) reportRecovery(sender);
  const receipt =
    endpoint.issues === null
      ? NOTHING_RECEIVED
      : takeIssued(sender, endpoint.issues, reply.body, bearerOf(headers));
  return receipt instanceof Promise
    ? receipt.then((each) => resultOf(endpoint, reply, { asked, receipt: each, latencyMs }))
    : resultOf(endpoint, reply, { asked, receipt, latencyMs });
}

function resultOf<T>(
  endpoint: Endpoint<T>,
  reply: Reply,
  {
    asked,
    receipt,
    latencyMs,
  }: { readonly asked: Asked; readonly receipt: Receipt; readonly latencyMs: number },
): PlatformResult<T> {
  const { status, rateLimit } = reply;
  const value = endpoint.parse(reply, asked, receipt);
  if (value === undefined) {
    return failed(failureOf(reply, asked, "invalid", "RESPONSE_UNEXPECTED", "yes"), rateLimit);
  }
  const result = { ok: true, status, value, latencyMs } as const;
  return rateLimit === undefined ? result : { ...result, rateLimit };
}

/** The platform's rate limit counts a tenant's requests together, otherwise those of a bearer token. */
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
  try {
    platform.onRateLimit?.({ workspaceId, bucket, rateLimit });
  } catch {
    // A listener's error must not affect the request.
  }
}

function reportRecovery({
  platform,
  workspaceId,
  onTokenRecovered = platform.onTokenRecovered,
}: Sender): void {
  try {
    onTokenRecovered?.({ workspaceId, platformOrigin: platform.origin });
  } catch {
    // A listener's error must not affect the request.
  }
}
