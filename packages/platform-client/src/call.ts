import type { AuthHeaders, Awaitable, Signal } from "@x/auth-core";
import { answered, failed, limitedBy } from "./answered.ts";
import { outcomeFor, UNKNOWN } from "./breaker-outcome.ts";
import { answerCutAfterToken } from "./broken-off.ts";
import type { Permit } from "./circuit-breaker.ts";
import { type Asked, noAnswer, notSent } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import { isClosed } from "./network-code.ts";
import type { Sender } from "./platform.ts";
import { type Reply, readReply } from "./reply.ts";
import type { PlatformFailure, PlatformResult } from "./result.ts";
import { send } from "./send.ts";
import { aborted, bearerOf, originProblem, unsignable } from "./sign.ts";
import type { TransportResponse } from "./transport.ts";

/** Options of every request. */
export interface RequestOptions {
  /**
   * Aborts the request. One whose response may contain a new token (register, rotate, mint) gets 3 s more once it is
   * sent, because that response cannot be fetched again.
   */
  readonly signal?: Signal;
  /** For this request, in milliseconds. More than 0. @default the client's */
  readonly timeoutMs?: number;
}

/** A request to an endpoint. */
export interface Request {
  /** Relative to the base URL, without a leading slash. */
  readonly path: string;
  readonly body: string | null;
  /** Called before the request is sent without a bearer token; a failure prevents it from being sent. */
  readonly beforeUnsigned: (() => Awaitable<PlatformFailure | null>) | null;
  /** Once aborted, nothing more is sent; a request already sent is still waited for. */
  readonly prepareSignal: Signal | undefined;
}

/**
 * Sends one request through the circuit breaker. Signs it, retries it once after a 401 and once over a new connection,
 * classifies the response, and saves any new token.
 *
 * @throws errors that are neither network failures nor AuthErrors
 */
export async function call<T>(
  sender: Sender,
  endpoint: Endpoint<T>,
  request: Request,
  options: RequestOptions,
): Promise<PlatformResult<T>> {
  const { platform, auth, workspaceId } = sender;
  const { breaker, clock } = platform;
  const { signal } = options;
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
  let timeoutMs = options.timeoutMs ?? platform.timeoutMs;
  let mayRepeat = endpoint.isRepeatable && platform.wasAnswered;
  try {
    headers = signNow(sender, endpoint) ?? (await sign(sender, endpoint, options));
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
        // A closed keep-alive connection is often discovered only on use.
        if (mayRepeat && !signal?.aborted && isClosed(error)) {
          mayRepeat = false;
          timeoutMs -= clock.monotonic() - sentAt;
          if (timeoutMs > 0) continue;
        }
        platform.wasAnswered = false;
        const cut = endpoint.issues === null ? null : answerCutAfterToken(error, endpoint.issues);
        if (cut !== null) {
          reply = readReply(cut, url, clock);
          break;
        }
        const failure = signal?.aborted ? aborted("maybe") : noAnswer(error, secrets);
        breaker.release(permit, outcomeFor(endpoint.group, failure, limitedBy(headers, undefined)));
        return failed(failure);
      }
      platform.wasAnswered = true;
      reply = readReply(response, url, clock);
      // A 401 means that nothing was done, so the request may be resent with another token.
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
    // First, because unknown errors are rethrown.
    breaker.release(permit, UNKNOWN);
    return failed(unsignable(error, signal, secrets));
  }

  return answered(sender, endpoint, { permit, headers, reply, asked, sentAt, isRepeated });
}

/** Headers without waiting, if possible. Ignores an inherited `authHeadersNow`. */
function signNow({ auth, workspaceId }: Sender, { isMessage }: Endpoint<unknown>): AuthHeaders | null {
  if (isMessage || auth.authHeadersNow === undefined || "authHeadersNow" in Object.prototype) return null;
  return auth.authHeadersNow(workspaceId);
}

function sign({ auth, workspaceId }: Sender, { isMessage }: Endpoint<unknown>, options: RequestOptions) {
  return isMessage ? auth.selfSourceHeaders(workspaceId, options) : auth.authHeaders(workspaceId, options);
}

/** Ends a request that was not sent. */
function unsent({ platform }: Sender, permit: Permit, failure: PlatformFailure): PlatformResult<never> {
  platform.breaker.release(permit, UNKNOWN);
  return failed(failure);
}

/** A plain request without options. */
export const ask = (path: string, body: string | null = null): Request => ({
  path,
  body,
  beforeUnsigned: null,
  prepareSignal: undefined,
});

function circuitOpen(retryAfterMs: number): PlatformFailure {
  const message = "nothing was sent: the platform is down, or asked for a pause";
  return notSent("circuit_open", "CIRCUIT_OPEN", message, Math.ceil(retryAfterMs));
}
