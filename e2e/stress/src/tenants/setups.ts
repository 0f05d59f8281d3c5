import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";
import type { Platform } from "./platform.ts";

export interface Tenant {
  readonly workspaceId: string;
  readonly orgId: string;
  readonly platform: Platform;
}

/** Ways to sign the requests of several tenants. */
export interface Setup {
  /** Each tenant's fetch function. */
  readonly sends: readonly ((url: string, init: RequestInit) => Promise<Response>)[];
  /** A tenant's new token is published; senders may see it later. */
  learn(tenant: number, token: string): void;
}

export function anAuthForEach(tenants: readonly Tenant[]): Setup {
  const storages = tenants.map(() => memoryTokenStorage());
  return {
    sends: tenants.map(({ orgId, platform, workspaceId }, index) => {
      const env = { PLATFORM_URL: platform.origin, MOLECULE_ORG_ID: orgId };
      const auth = createAuth({ storage: storages[index] ?? memoryTokenStorage(), env });
      return createAuthFetch(auth, { workspaceId, source: true });
    }),
    // An Auth with the old token learns of it from a 401.
    learn: (tenant, token) => void storages[tenant]?.write(token),
  };
}

/**
 * The process itself also has a token, a platform and a tenant, which the others must not see.
 *
 * @param own the tenant that they belong to
 */
export function oneAuthWithRegistry(tenants: readonly Tenant[], own: Tenant): Setup {
  const env = {
    PLATFORM_URL: own.platform.origin,
    MOLECULE_ORG_ID: own.orgId,
    MOLECULE_WORKSPACE_TOKEN: own.platform.issue(),
  };
  const auth = createAuth({ storage: memoryTokenStorage(own.platform.issue()), env });
  return {
    sends: tenants.map(({ workspaceId }) => createAuthFetch(auth, { workspaceId, source: true })),
    learn(tenant, token) {
      const { workspaceId = "", platform } = tenants[tenant] ?? {};
      auth.registerWorkspaceToken(workspaceId, token, { platformUrl: platform?.origin ?? "" });
    },
  };
}
