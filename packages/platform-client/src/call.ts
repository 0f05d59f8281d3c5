import type { AuthHeaders, Awaitable, Signal } from "@x/auth-core";
import type { Permit } from "./circuit-breaker.ts";
import { type Asked, failureOf, noAnswer, notSent } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Sender } from "./platform.ts";
import { type Reply, readReply } from "./reply.ts";
import type { PlatformFailure, PlatformResult, RateLimit } from "./result.ts";
import { send } from "./send.ts";
import { aborted, bearerOf, originProblem, unsignable } from "./sign.ts";
import { NOTHING_RECEIVED, takeIssued } from "./take-issued.ts";
import type { TransportResponse } from "./transport.ts";
import { UNKNOWN, verdictOf } from "./verdict.ts";

/** What every request may be given. */
export interface RequestOptions {
  /**
   * Gives the request up. One that may be issued a token (register, rotate, mint) is given 3 s more once it is sent,
   * because its answer cannot be asked for a second time.
   */
  readonly signal?: Signal;
  /** For this request. More than 0. @default the client's */
  readonly timeoutMs?: number;
}

/** What is asked of an endpoint. */
export interface Request {
  /** Below the base URL, without a slash at its start. */
  readonly path: string;
  readonly body: string | null;
  /** Asked before the request goes out without a bearer; a failure keeps it from being sent. */
  readonly beforeUnsigned: (() => Awaitable<PlatformFailure | null>) | null;
  /** Once it has aborted, nothing is sent any more; what was sent is waited for. */
  readonly prepareSignal: Signal | undefined;
}

/**
 * Sends one request: circuit breaker, headers, one more try after a 401, classification, what was issued.
 *
 * @throws only what is neither the network's doing nor an AuthError
 */
export async function call<T>(
  sender: Sender,
  endpoint: Endpoint<T>,
  request: Request,
  options: RequestOptions,
): Promise<PlatformResult<T>> {
  const { platform, auth, workspaceId } = sender;
  const { breaker, clock } = platform;
  const { signal, timeoutMs } = options;
  if (signal?.aborted) return failed(aborted("no"));
  const permit = breaker.acquire(endpoint.group, workspaceId);
  if (!("startedAt" in permit)) return failed(circuitOpen(permit.retryAfterMs));

  const secrets: string[] = [];
  const asked: Asked = { workspaceId: endpoint.isAboutSelf ? workspaceId : "", secrets };
  const url = platform.baseUrl + request.path;
  let headers: AuthHeaders;
  let reply: Reply;
  let sentAt = 0;
  let isRepeated = false;
  try {
    headers = await sign(sender, endpoint, options);
    if (headers.Authorization === undefined && request.beforeUnsigned !== null) {
      const problem = await request.beforeUnsigned();
      if (problem !== null) return unsent(sender, permit, problem);
      headers = await sign(sender, endpoint, options);
    }
    for (;;) {
      const bearer = bearerOf(headers);
      if (bearer !== null) secrets.push(bearer);
      const isOver = signal?.aborted || request.prepareSignal?.aborted;
      const problem = isOver ? aborted("no") : originProblem(sender, headers);
      if (problem !== null) return unsent(sender, permit, problem);
      sentAt = clock.monotonic();
      let response: TransportResponse;
      try {
        response = await send(platform, {
          method: endpoint.method,
          url,
          headers,
          body: request.body,
          signal,
          timeoutMs,
          maxBytes: endpoint.maxBytes,
          mayIssue: endpoint.issues !== null && endpoint.issues !== "heartbeat",
        });
      } catch (error) {
        const failure = signal?.aborted ? aborted("maybe") : noAnswer(error, secrets);
        breaker.release(permit, verdictOf(endpoint.group, failure, limitedBy(headers, undefined)));
        return failed(failure);
      }
      reply = readReply(response, url, clock);
      // What was answered 401 was not acted on, so that it may go out once more, with another token.
      if (reply.status !== 401 || isRepeated || endpoint.isMessage) break;
      const recovered = await auth.recover(
        headers,
        signal === undefined ? { workspaceId } : { workspaceId, signal },
      );
      if (recovered === null) break;
      headers = recovered;
      isRepeated = true;
    }
  } catch (error) {
    // First, because what is not known here is thrown again.
    breaker.release(permit, UNKNOWN);
    return failed(unsignable(error, signal, secrets));
  }

  const latencyMs = clock.monotonic() - sentAt;
  const failure = endpoint.classify(reply, asked);
  const { status, rateLimit } = reply;
  breaker.release(permit, verdictOf(endpoint.group, failure, limitedBy(headers, rateLimit)));
  if (failure !== null) return failed(failure, rateLimit);
  if (isRepeated) reportRecovery(sender);
  let receipt = NOTHING_RECEIVED;
  if (endpoint.issues !== null) {
    const taken = takeIssued(sender, endpoint.issues, reply.body, bearerOf(headers));
    receipt = taken instanceof Promise ? await taken : taken;
  }
  const value = endpoint.parse(reply, asked, receipt);
  if (value === undefined) {
    return failed(failureOf(reply, asked, "invalid", "RESPONSE_UNEXPECTED", "yes"), rateLimit);
  }
  const result = { ok: true, status, value, latencyMs } as const;
  return rateLimit === undefined ? result : { ...result, rateLimit };
}

function sign({ auth, workspaceId }: Sender, { isMessage }: Endpoint<unknown>, options: RequestOptions) {
  return isMessage ? auth.selfSourceHeaders(workspaceId, options) : auth.authHeaders(workspaceId, options);
}

/** Ends a request of which nothing was sent. */
function unsent({ platform }: Sender, permit: Permit, failure: PlatformFailure): PlatformResult<never> {
  platform.breaker.release(permit, UNKNOWN);
  return failed(failure);
}

/** A request without more ado. */
export const ask = (path: string, body: string | null = null): Request => ({
  path,
  body,
  beforeUnsigned: null,
  prepareSignal: undefined,
});

/** The platform counts a tenant's requests together, else those of a bearer. */
function limitedBy(headers: AuthHeaders, rateLimit: RateLimit | undefined) {
  return {
    isPlatformLimit: rateLimit !== undefined,
    isOwnBucket: headers.Authorization !== undefined && headers["X-Molecule-Org-Id"] === undefined,
  };
}

export function failed(failure: PlatformFailure, rateLimit?: RateLimit): PlatformResult<never> {
  return rateLimit === undefined ? { ok: false, failure } : { ok: false, failure, rateLimit };
}

function circuitOpen(retryAfterMs: number): PlatformFailure {
  const message = "nothing was sent: the platform is down, or asked for a pause";
  return notSent("circuit_open", "CIRCUIT_OPEN", message, Math.ceil(retryAfterMs));
}

function reportRecovery({
  platform,
  workspaceId,
  onTokenRecovered = platform.onTokenRecovered,
}: Sender): void {
  try {
    onTokenRecovered?.({ workspaceId, platformOrigin: platform.origin });
  } catch {
    // Whoever listens does not decide what becomes of the request.
  }
}
