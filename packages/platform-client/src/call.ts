import type { AuthHeaders, Awaitable } from "@x/auth-core";
import { type Answered, answered, failed, limitedBy } from "./answered.ts";
import { outcomeFor, UNKNOWN } from "./breaker-outcome.ts";
import { answerCutAfterToken, endedAfterToken } from "./broken-off.ts";
import type { Permit } from "./circuit-breaker.ts";
import { noAnswer, notSent } from "./classify.ts";
import type { Endpoint } from "./endpoints.ts";
import { isClosed } from "./network-code.ts";
import type { Sender } from "./platform.ts";
import { type Reply, readReply } from "./reply.ts";
import type { Request, RequestOptions } from "./request.ts";
import type { PlatformFailure, PlatformResult } from "./result.ts";
import { send } from "./send.ts";
import { aborted, bearerOf, originProblem, sign, signNow, unsignable } from "./sign.ts";
import type { TransportResponse } from "./transport.ts";

/** With a longer delay, `setTimeout` fires immediately. */
const LONGEST_MS = 2_147_483_647;

/**
 * Sends one request through the circuit breaker. Signs it, retries it once after a 401 and once over a new connection,
 * classifies the response, and saves any new token.
 *
 * @throws TypeError for an invalid `timeoutMs`; errors that are neither network failures nor AuthErrors
 */
export function call<T>(
  sender: Sender,
  endpoint: Endpoint<T>,
  request: Request,
  options: RequestOptions,
): Promise<PlatformResult<T>> {
  const { signal, timeoutMs = sender.platform.timeoutMs } = options;
  // If sent, it would time out at once, and look like an outage to the circuit breaker.
  if (!(timeoutMs > 0)) return Promise.reject(new TypeError("timeoutMs must be more than 0."));
  if (signal?.aborted) return Promise.resolve(failed(aborted("no")));
  const permit = sender.platform.breaker.acquire(endpoint.group, sender.workspaceId);
  if (!("startedAt" in permit)) return Promise.resolve(failed(circuitOpen(permit.retryAfterMs)));
  return new Call(sender, endpoint, { request, options, permit, timeoutMs }).run();
}

interface Permitted {
  readonly request: Request;
  readonly options: RequestOptions;
  readonly permit: Permit;
  readonly timeoutMs: number;
}

/**
 * A permitted request. A class, because nearly all requests are signed and sent at once and wait only for a response: an
 * async function would also keep what only the other cases need.
 */
class Call<T> implements Answered<T> {
  readonly sender: Sender;
  readonly endpoint: Endpoint<T>;
  readonly permit: Permit;
  readonly #url: string;
  headers: AuthHeaders = {};
  sentAt = 0;
  readonly #request: Request;
  readonly #options: RequestOptions;
  #timeoutMs: number;
  #mayRepeat: boolean;
  /** The headers that got a 401; `null`: none did. */
  #rejected: AuthHeaders | null = null;

  constructor(sender: Sender, endpoint: Endpoint<T>, { request, options, permit, timeoutMs }: Permitted) {
    this.sender = sender;
    this.endpoint = endpoint;
    this.permit = permit;
    this.#url = sender.platform.baseUrl + request.path;
    this.#request = request;
    this.#options = options;
    this.#timeoutMs = Math.min(timeoutMs, LONGEST_MS);
    this.#mayRepeat = endpoint.isRepeatable && sender.platform.wasAnswered;
  }

  get workspaceId(): string {
    return this.endpoint.isAboutSelf ? this.sender.workspaceId : "";
  }

  get secrets(): string[] {
    const bearers = [bearerOf(this.headers), this.#rejected && bearerOf(this.#rejected)];
    return bearers.filter((each) => each !== null);
  }

  get isRecovered(): boolean {
    return this.#rejected !== null;
  }

  run(): Promise<PlatformResult<T>> {
    try {
      const headers = signNow(this.sender, this.endpoint);
      return headers === null || this.#asksBefore(headers) ? this.#signAndSend(headers) : this.#send(headers);
    } catch (error) {
      return this.#notSigned(error);
    }
  }

  #asksBefore({ Authorization }: AuthHeaders): boolean {
    return Authorization === undefined && this.#request.beforeUnsigned !== null;
  }

  /** @param ready `null`: the sources must be read first */
  async #signAndSend(ready: AuthHeaders | null): Promise<PlatformResult<T>> {
    const [sender, endpoint, options] = [this.sender, this.endpoint, this.#options];
    try {
      let headers = ready ?? (await sign(sender, endpoint, options));
      if (this.#asksBefore(headers)) {
        const problem = await this.#request.beforeUnsigned?.();
        if (problem) return this.#unsent(problem);
        headers = await sign(sender, endpoint, options);
      }
      return this.#send(headers);
    } catch (error) {
      return this.#notSigned(error);
    }
  }

  /** Checks and sends synchronously, so that what was checked still holds when the request is sent. */
  #send(headers: AuthHeaders): Promise<PlatformResult<T>> {
    const { sender, endpoint } = this;
    const { body, prepareSignal } = this.#request;
    const { signal } = this.#options;
    this.headers = headers;
    try {
      const isOver = signal?.aborted || prepareSignal?.aborted;
      const problem = isOver ? aborted("no") : originProblem(sender, headers);
      if (problem !== null) return Promise.resolve(this.#unsent(problem));
    } catch (error) {
      return this.#notSigned(error);
    }
    this.sentAt = sender.platform.clock.monotonic();
    return send(sender.platform, {
      method: endpoint.method,
      url: this.#url,
      headers,
      body,
      signal,
      timeoutMs: this.#timeoutMs,
      maxBytes: endpoint.maxBytes,
      mayIssue: endpoint.issues !== null && endpoint.issues !== "heartbeat",
    }).then(
      (response) => this.#received(response),
      (error: unknown) => this.#failed(error),
    );
  }

  #received(response: TransportResponse): Awaitable<PlatformResult<T>> {
    const { platform } = this.sender;
    platform.wasAnswered = true;
    let reply: Reply;
    try {
      reply = readReply(response, this.#url, platform.clock);
      if (reply.shape === "not-json") reply = this.#upToToken(response) ?? reply;
    } catch (error) {
      return this.#notSigned(error);
    }
    const mayRecover = reply.status === 401 && !this.isRecovered && !this.endpoint.isMessage;
    return mayRecover ? this.#recover(reply) : answered(this, reply);
  }

  /** A proxy may cut an answer without an error, or append to it. `null` unless that leaves a token. */
  #upToToken(response: TransportResponse): Reply | null {
    const { issues } = this.endpoint;
    const ended = issues === null ? null : endedAfterToken(response, issues);
    return ended === null ? null : readReply(ended, this.#url, this.sender.platform.clock);
  }

  /** A 401 means that nothing was done, so the request may be resent with another token. */
  async #recover(reply: Reply): Promise<PlatformResult<T>> {
    const { workspaceId, auth } = this.sender;
    const { signal } = this.#options;
    let recovered: AuthHeaders | null;
    try {
      recovered = await auth.recover(this.headers, { workspaceId, signal });
    } catch (error) {
      return this.#notSigned(error);
    }
    if (recovered === null) return answered(this, reply);
    this.#rejected = this.headers;
    return this.#send(recovered);
  }

  #failed(error: unknown): Awaitable<PlatformResult<T>> {
    const { endpoint, headers, permit } = this;
    const { platform } = this.sender;
    const { signal } = this.#options;
    // Before a retry, because a token is sent only once.
    const cut = endpoint.issues === null ? null : answerCutAfterToken(error, endpoint.issues);
    // A closed keep-alive connection is often discovered only on use.
    if (cut === null && this.#mayRepeat && !signal?.aborted && isClosed(error)) {
      this.#mayRepeat = false;
      this.#timeoutMs -= platform.clock.monotonic() - this.sentAt;
      if (this.#timeoutMs > 0) return this.#send(headers);
    }
    platform.wasAnswered = false;
    if (cut !== null) return answered(this, readReply(cut, this.#url, platform.clock));
    const failure = signal?.aborted ? aborted("maybe") : noAnswer(error, this.secrets);
    platform.breaker.release(permit, outcomeFor(endpoint.group, failure, limitedBy(headers, undefined)));
    return failed(failure);
  }

  /** @throws errors that are neither AuthErrors nor caused by the signal */
  async #notSigned(error: unknown): Promise<PlatformResult<T>> {
    // First, because unknown errors are rethrown.
    this.sender.platform.breaker.release(this.permit, UNKNOWN);
    return failed(unsignable(error, this.#options.signal, this.secrets));
  }

  #unsent(failure: PlatformFailure): PlatformResult<T> {
    this.sender.platform.breaker.release(this.permit, UNKNOWN);
    return failed(failure);
  }
}

function circuitOpen(retryAfterMs: number): PlatformFailure {
  const message = "nothing was sent: the platform is down, or asked for a pause";
  return notSent("circuit_open", "CIRCUIT_OPEN", message, Math.ceil(retryAfterMs));
}
