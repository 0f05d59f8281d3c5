import type { Auth } from "@x/auth-core";
import type { PlatformClient, PlatformRequest } from "./client.ts";
import { judge, type Outcome, type Reply } from "./reply.ts";

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
  /** A 401, and then the same request accepted with another token. */
  readonly onTokenRecovered: () => Promise<void>;
  /** Sees each accepted answer before the sender does: any may carry a secret. */
  readonly onAccepted: (reply: Reply) => Promise<void>;
}

export function createSignedClient(options: SignedClientOptions): SignedClient {
  const { auth, workspaceId, client, timeoutMs, onTokenRecovered, onAccepted } = options;

  async function exchange({ sourceId, method, path, json, signal }: SignedRequest): Promise<Exchange> {
    const sign = () => (sourceId === undefined ? auth.authHeaders() : auth.selfSourceHeaders(sourceId));
    const send = async (headers: Record<string, string>): Promise<Exchange> => {
      const reply = await client.send({ method, path, json, headers, timeoutMs, signal });
      const about = sourceId === undefined ? { workspaceId } : {};
      return { reply, outcome: judge(reply, { ...about, token: tokenIn(headers) }) };
    };
    const headers = await sign();
    const first = await send(headers);
    if (first.reply.status !== 401) return first;
    auth.rejectToken(tokenIn(headers));
    await auth.refreshCache();
    const fresh = await sign();
    if (fresh.Authorization === headers.Authorization) return first;
    const second = await send(fresh);
    if (second.outcome.kind === "accepted") await onTokenRecovered();
    return second;
  }

  return {
    async send(request) {
      const done = await exchange(request);
      if (done.outcome.kind === "accepted") await onAccepted(done.reply);
      return done;
    },
  };
}

function tokenIn({ Authorization = "" }: Record<string, string>): string {
  return Authorization.slice("Bearer ".length);
}
