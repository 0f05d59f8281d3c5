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
  readonly client: PlatformClient;
  readonly timeoutMs: number;
  /** A 401, and then the same request accepted with another token. */
  readonly onTokenRecovered: () => Promise<void>;
  /** Sees each accepted answer before the sender does: any may carry a secret. */
  readonly onAccepted: (reply: Reply) => Promise<void>;
}

export function createSignedClient(options: SignedClientOptions): SignedClient {
  const { auth, client, timeoutMs, onTokenRecovered, onAccepted } = options;

  async function exchange({ sourceId, method, path, json, signal }: SignedRequest): Promise<Exchange> {
    const sign = () => (sourceId === undefined ? auth.authHeaders() : auth.selfSourceHeaders(sourceId));
    const headers = await sign();
    const reply = await client.send({ method, path, json, headers, timeoutMs, signal });
    const first = { reply, outcome: judge(reply) };
    if (reply.status !== 401) return first;
    auth.rejectToken(headers.Authorization?.slice("Bearer ".length) ?? "");
    await auth.refreshCache();
    const fresh = await sign();
    if (fresh.Authorization === headers.Authorization) return first;
    const second = await client.send({ method, path, json, headers: fresh, timeoutMs, signal });
    const outcome = judge(second);
    if (outcome.kind === "accepted") await onTokenRecovered();
    return { reply: second, outcome };
  }

  return {
    async send(request) {
      const done = await exchange(request);
      if (done.outcome.kind === "accepted") await onAccepted(done.reply);
      return done;
    },
  };
}
