import { type Auth, isAuthError } from "@x/auth-core";
import type { PlatformClient, PlatformRequest } from "./client.ts";
import { classify, type Outcome, type Reply } from "./reply.ts";

interface SignedRequest extends Omit<PlatformRequest, "headers" | "timeoutMs"> {
  /** The workspace whose own runtime sends this to an A2A endpoint. */
  readonly sourceId?: string;
}

interface Exchange {
  readonly outcome: Outcome;
  readonly reply: Reply;
}

/** Sends a workspace's requests, each with its headers. */
export interface SignedClient {
  /**
   * Sends; after a 401 once more, if rejecting the token and asking the sources again brings up another one.
   *
   * @throws AuthError when the headers cannot be made
   */
  send(request: SignedRequest): Promise<Exchange>;
}

export interface SignedClientOptions {
  readonly auth: Auth;
  /** Whom the platform's answers are to be about; those of other agents are not about anybody. */
  readonly workspaceId: string;
  readonly client: PlatformClient;
  readonly timeoutMs: number;
  /** Called after a 401 when the same request was accepted with another token. */
  readonly onTokenRecovered: () => Promise<void>;
  /** Sees each accepted answer before the sender does: any may carry a secret. */
  readonly onAccepted: (reply: Reply) => Promise<void>;
}

export function createSignedClient(options: SignedClientOptions): SignedClient {
  const { auth, workspaceId, client, timeoutMs, onTokenRecovered, onAccepted } = options;

  const sign = ({ sourceId }: SignedRequest) =>
    sourceId === undefined ? auth.authHeaders() : auth.selfSourceHeaders(sourceId);

  function exchange(request: SignedRequest, headers: Record<string, string>): Promise<Exchange> {
    const { sourceId, method, path, json, signal } = request;
    const about = sourceId === undefined ? workspaceId : undefined;
    return client.send({ method, path, json, headers, timeoutMs, signal }).then((reply) => ({
      reply,
      outcome: classify(reply, { workspaceId: about, token: tokenIn(headers) }),
    }));
  }

  /** After a 401: the same once more, with another token, if there is one now. */
  async function again(
    request: SignedRequest,
    rejected: Record<string, string>,
    first: Exchange,
  ): Promise<Exchange> {
    auth.rejectToken(tokenIn(rejected));
    await auth.refreshCache();
    const headers = await sign(request);
    if (headers.Authorization === rejected.Authorization) return first;
    const second = await exchange(request, headers);
    if (second.outcome.kind === "accepted") await onTokenRecovered();
    return second;
  }

  return {
    async send(request) {
      const headers = await sign(request);
      const first = await exchange(request, headers);
      const done = first.reply.status === 401 ? await again(request, headers, first) : first;
      if (done.outcome.kind === "accepted") await onAccepted(done.reply);
      return done;
    },
  };
}

function tokenIn({ Authorization = "" }: Record<string, string>): string {
  return Authorization.slice("Bearer ".length);
}

/** Headers that cannot be made are an outcome like any other: `invalid`, reported, and tried again. */
export async function outcomeOf(send: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await send();
  } catch (error) {
    if (isAuthError(error)) return { kind: "invalid", status: 0, why: error.message };
    throw error;
  }
}
