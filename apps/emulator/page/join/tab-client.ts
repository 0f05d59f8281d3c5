import { createBrowserAuth, indexedDbTokenStorage, oneTabAtATime, webTokenStorage } from "@x/auth-browser";
import {
  isAuthError,
  memoryTokenStorage,
  redactToken,
  type SaveOptions,
  type TokenStorage,
} from "@x/auth-core";
import { createPlatformClients, type PlatformResult } from "@x/platform-client";
import { only } from "../dom.ts";
import type { Outcome, WorkspaceClient } from "./runner.ts";
import type { JoinSettings, StorageKind } from "./settings.ts";

/** The token's state, without the token. */
export interface TokenSummary {
  /** Abbreviated; null if there is none. */
  readonly token: string | null;
  /** Why the token is in memory only; null if it is stored. */
  readonly unsaved: string | null;
}

export interface TabClient extends WorkspaceClient {
  tokenSummary(): Promise<TokenSummary>;
  /** Stops following other tabs. */
  close(): void;
}

const platformUrl = location.origin;
/** The server's tenant, from the page; none if it has no tenants. */
const orgId = only(document, 'meta[name="org-id"]', HTMLMetaElement).content;
const audience = { platformUrl, ...(orgId !== "" && { orgId }) };
const agentCard = { name: "Browser tab", skills: [] };

/** For one request. */
const TIMEOUT_MS = 8_000;
/** For a tab's turn to register. Longer than its requests, so that a hanging one does not release the lock early. */
const TURN_MS = 4 * TIMEOUT_MS;

/** This tab as a workspace: its token, and its requests to the platform that served the page. */
export function createTabClient({ id, storageKind }: JoinSettings): TabClient {
  const auth = createBrowserAuth({ storage: tokenStorage(id, storageKind), ...audience });
  const close = auth.watch();
  const clientFor = createPlatformClients({ platformUrl, timeoutMs: TIMEOUT_MS });
  let unsaved: { readonly token: string; readonly options: SaveOptions; readonly why: string } | null = null;

  /** Never rejects: a token that cannot be stored is used from memory, and stored later. */
  async function storeToken(token: string, options: SaveOptions): Promise<void> {
    try {
      await auth.saveToken(token, options);
      unsaved = null;
    } catch (failure) {
      const why = isAuthError(failure) ? failure.message : "The token could not be kept.";
      unsaved = { token, options, why };
    }
  }

  /** The unstored token, if it is the one in use. */
  async function saveAgain(): Promise<void> {
    if (unsaved !== null && (await auth.getToken()) === unsaved.token) {
      await storeToken(unsaved.token, unsaved.options);
    }
  }

  const client = clientFor({
    auth,
    workspaceId: id,
    async onIssued({ token, sentWith, platformOrigin }) {
      if (token !== undefined) await storeToken(token, { sentWith, platformOrigin });
    },
  });

  return {
    close,
    register: (signal) =>
      // Of several tabs without a token, the first receives one and the others find it.
      oneTabAtATime(
        auth,
        async () => outcomeOf(await client.checkAndRegister({ agentCard, prepareSignal: signal })),
        { name: `join-from-this-tab ${id}`, waitMs: TURN_MS },
      ),
    async heartbeat(signal) {
      await saveAgain();
      const failure = outcomeOf(await client.heartbeat(heartbeatStats(), { signal }));
      if (failure !== null) return failure;
      // Without a live token, heartbeats are accepted unsigned. The delegations request is not.
      const unread = outcomeOf(await client.delegations({ signal }));
      return unread?.kind === "unauthorized" ? unread : null;
    },
    async use(token, signal) {
      // Signed separately at first: a wrong token must not replace a working one.
      const trial = createBrowserAuth({ storage: memoryTokenStorage(token), ...audience });
      const trialClient = clientFor({ auth: trial, workspaceId: id });
      const failure = outcomeOf(await trialClient.checkAndRegister({ agentCard, prepareSignal: signal }));
      // The platform issues another one if none was live.
      if (failure === null) await storeToken((await trial.getToken()) ?? token, {});
      return failure;
    },
    async tokenSummary() {
      const token = await auth.getToken();
      const why = unsaved !== null && unsaved.token === token ? unsaved.why : null;
      return { token: token && redactToken(token), unsaved: why };
    },
  };
}

const outcomeOf = (result: PlatformResult<unknown>): Outcome => (result.ok ? null : result.failure);

function heartbeatStats() {
  return {
    uptimeSeconds: performance.now() / 1000,
    currentTask: document.hidden ? "waiting in the background" : "being watched",
    runtimeMetadata: { runtime: "browser" },
  };
}

/** A separate location for each workspace, because a token is valid for one workspace only. */
function tokenStorage(id: string, storageKind: StorageKind): TokenStorage {
  if (storageKind === "indexed-db") return indexedDbTokenStorage({ database: "emulator-page", key: id });
  const storage = storageKind === "local" ? () => localStorage : () => sessionStorage;
  return webTokenStorage({ storage, key: `token of ${id}` });
}
