import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";
import type { Platform } from "./platform.ts";

export interface Tenant {
  readonly workspaceId: string;
  readonly orgId: string;
  readonly platform: Platform;
}

/** How the requests of several tenants are signed. */
export interface Setup {
  /** For each tenant what sends its requests. */
  readonly sends: readonly ((url: string, init: RequestInit) => Promise<Response>)[];
  /** A tenant's new token becomes known, not necessarily at once to those who send. */
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
    // An Auth that holds the old one finds out by a 401.
    learn: (tenant, token) => void storages[tenant]?.write(token),
  };
}

/**
 * The process has a token, a platform and a tenant of its own as well, that none of the others may see.
 *
 * @param own whose those are
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
