import { bearerTokenAuthenticationPolicy, createPipelineRequest } from "@azure/core-rest-pipeline";
import { createTokenAuth } from "@octokit/auth-token";
import { chain, memoize } from "@smithy/property-provider";
import { GoTrueClient } from "@supabase/auth-js";
import { OAuth2Client } from "google-auth-library";
import { InMemoryWebStorage, User, UserManager, WebStorageStateStore } from "oidc-client-ts";

/** The headers of every request: the same three, whichever library provides the token. */
export interface Identity {
  readonly token: string;
  readonly origin: string;
  readonly orgId: string;
}

/** Returns the headers of one request, with a cached token. */
export type HeaderSource = () => Promise<unknown>;

/** Years away, so that no library has a reason to renew the token. */
const EXPIRES_AT_SECONDS = 4_000_000_000;

/**
 * How other libraries return a token that they have cached. Steps that they leave to their users (combining the token
 * and the other headers) are done in the cheapest way.
 */
export async function peerSources({ token, origin, orgId }: Identity): Promise<Map<string, HeaderSource>> {
  const withToken = (known: string | undefined) => ({
    Origin: origin,
    Authorization: `Bearer ${known}`,
    "X-Molecule-Org-Id": orgId,
  });

  const smithy = memoize(chain(async () => ({ token })));
  const octokit = createTokenAuth(token);
  const google = new OAuth2Client();
  google.setCredentials({ access_token: token, expiry_date: EXPIRES_AT_SECONDS * 1000 });
  const supabase = await signedInSupabase(token);
  const oidc = await signedInOidc(token);
  const azure = azureSigner(token, { Origin: origin, "X-Molecule-Org-Id": orgId });

  return new Map<string, HeaderSource>([
    ["@smithy/property-provider, memoize(chain)", async () => withToken((await smithy()).token)],
    ["@octokit/auth-token", async () => withToken((await octokit()).token)],
    ["@azure/core-rest-pipeline, bearer policy", azure],
    [
      "google-auth-library, getRequestHeaders",
      async () => {
        const headers = await google.getRequestHeaders();
        headers.set("Origin", origin);
        headers.set("X-Molecule-Org-Id", orgId);
        return headers;
      },
    ],
    [
      "@supabase/auth-js, getSession",
      async () => withToken((await supabase.getSession()).data.session?.access_token),
    ],
    ["oidc-client-ts, getUser", async () => withToken((await oidc.getUser())?.access_token)],
  ]);
}

function azureSigner(token: string, headers: Record<string, string>): HeaderSource {
  const policy = bearerTokenAuthenticationPolicy({
    scopes: "https://platform.example/.default",
    credential: { getToken: async () => ({ token, expiresOnTimestamp: EXPIRES_AT_SECONDS * 1000 }) },
  });
  return async () => {
    const request = createPipelineRequest({ url: "https://platform.example/registry/heartbeat" });
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
    await policy.sendRequest(request, async (sent) => ({
      request: sent,
      status: 200,
      headers: sent.headers,
    }));
    return request.headers;
  };
}

async function signedInSupabase(token: string): Promise<GoTrueClient> {
  const stored = new Map<string, string>();
  const client = new GoTrueClient({
    url: "https://platform.example",
    autoRefreshToken: false,
    storageKey: "session",
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
  });
  stored.set(
    "session",
    JSON.stringify({
      access_token: token,
      refresh_token: "refresh",
      token_type: "bearer",
      expires_in: 3_600,
      expires_at: EXPIRES_AT_SECONDS,
      user: { id: "agent-7" },
    }),
  );
  return client;
}

async function signedInOidc(token: string): Promise<UserManager> {
  const manager = new UserManager({
    authority: "https://platform.example",
    client_id: "agent-7",
    redirect_uri: "https://agent.example/",
    automaticSilentRenew: false,
    monitorSession: false,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  });
  await manager.storeUser(
    new User({
      access_token: token,
      token_type: "Bearer",
      profile: {
        sub: "agent-7",
        iss: "https://platform.example",
        aud: "agent-7",
        exp: EXPIRES_AT_SECONDS,
        iat: 0,
      },
      expires_at: EXPIRES_AT_SECONDS,
    }),
  );
  return manager;
}
