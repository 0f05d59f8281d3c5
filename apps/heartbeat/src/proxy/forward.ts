import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Auth, type AuthHeaders, withAuth } from "@x/auth-core";
import type { Dispatcher } from "undici";
import type { PlatformRoute } from "../transport/platform-route.ts";
import { userAgent } from "../version.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import { redactStream } from "./redact-stream.ts";
import { type RequestBody, readBody } from "./request-body.ts";

/** Limits on the size and duration of a request. */
export interface ProxyLimits {
  /** Bytes of a request's body. @default 268435456 */
  readonly maxBodyBytes?: number;
  /** Milliseconds until the platform starts its answer. @default 330000 */
  readonly answerMs?: number;
  /** Milliseconds between two parts of an answer. @default 330000 */
  readonly idleMs?: number;
}

export interface ForwardOptions {
  readonly auth: Auth;
  readonly workspaceId: string;
  readonly pool: Dispatcher;
  readonly route: Pick<PlatformRoute, "isForwarded" | "onTheWire">;
  readonly limits: Required<ProxyLimits>;
}

type Answer = Dispatcher.ResponseData;

/** The platform's answer cannot be passed on; `why` is readable text. */
export class UnusableAnswer extends Error {
  constructor(readonly why: string) {
    super(why);
  }
}

/**
 * Sends a request to the platform with the workspace's token, repeats it once after a 401, and streams the answer.
 *
 * @param url absolute URL at the platform
 * @throws BodyTooLong, UnusableAnswer, an AuthError, undici's errors; errors of interrupted streams
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  { auth, workspaceId, pool, route, limits }: ForwardOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { signal } = gone;
  const body = await readBody(request, limits.maxBodyBytes);
  const { path, headers: onTheWay } = route.onTheWire(url);
  const tokens = new Set<string>();
  const send = (signed: AuthHeaders): Promise<Answer> => {
    const { Authorization } = signed;
    if (Authorization !== undefined) tokens.add(Authorization.slice("Bearer ".length));
    return pool.request({
      method: request.method as Dispatcher.HttpMethod,
      path,
      headers: { ...requestHeaders(request.headers, signed, userAgent), ...onTheWay },
      body: body.take(),
      signal,
      headersTimeout: limits.answerMs,
      bodyTimeout: limits.idleMs,
    });
  };
  const answer = await signed(auth, { url, workspaceId, body, send, signal });
  await passOn(answer, response, { tokens, isForwarded: route.isForwarded });
}

interface Signing {
  readonly url: string;
  readonly workspaceId: string;
  readonly body: RequestBody;
  readonly send: (headers: AuthHeaders) => Promise<Answer>;
  readonly signal: AbortSignal;
}

async function signed(auth: Auth, { url, workspaceId, body, send, signal }: Signing): Promise<Answer> {
  let last: AuthHeaders = {};
  const answer = await withAuth<Answer>(auth, {
    url,
    workspaceId,
    source: true,
    signal,
    send(headers) {
      last = headers;
      return send(headers);
    },
    ...(!body.canRepeat && { isUnauthorized: () => false }),
  });
  // This request cannot be repeated; the next one has the right token.
  if (answer.statusCode === 401 && !body.canRepeat) await auth.recover(last, { workspaceId, signal });
  return answer;
}

async function passOn(
  { statusCode, headers, body }: Answer,
  response: ServerResponse,
  { tokens, isForwarded }: { readonly tokens: ReadonlySet<string>; readonly isForwarded: boolean },
): Promise<void> {
  const { "content-encoding": encoding = "identity", "transfer-encoding": coding = "chunked" } = headers;
  const why =
    isForwarded && statusCode === 407
      ? "the network's proxy requires a user name and a password"
      : encoding !== "identity" || String(coding).toLowerCase() !== "chunked"
        ? "the answer is compressed, although none was requested"
        : null;
  if (why !== null) {
    body.on("error", () => {}).destroy();
    throw new UnusableAnswer(why);
  }
  const clean = (text: string) =>
    [...tokens].reduce((shown, token) => shown.replaceAll(token, "*".repeat(token.length)), text);
  response.writeHead(statusCode, responseHeaders(headers, clean));
  response.flushHeaders();
  await pipeline(body, redactStream(...tokens), response);
}
