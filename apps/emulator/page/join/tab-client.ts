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

/** What is known of the token, without the token. */
export interface TokenSummary {
  /** Shortened; null when there is none. */
  readonly token: string | null;
  /** Why the token is in memory only; null when it is not. */
  readonly unsaved: string | null;
}

export interface TabClient extends WorkspaceClient {
  tokenSummary(): Promise<TokenSummary>;
  /** Stops following other tabs. */
  close(): void;
}

const platformUrl = location.origin;
/** The tenant whose server this is, as the page itself says; none: it has no tenants. */
const orgId = only(document, 'meta[name="org-id"]', HTMLMetaElement).content;
const audience = { platformUrl, ...(orgId !== "" && { orgId }) };
const agentCard = { name: "Browser tab", skills: [] };

/** For one request. */
const TIMEOUT_MS = 8_000;
/** For a tab's turn to register. Longer than its requests take, so that one that hangs does not let go of it too soon. */
const TURN_MS = 4 * TIMEOUT_MS;

/** This tab as a workspace: its token, and what it asks of the platform that the page came from. */
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

  /** What could not be stored so far, where that is the token in use. */
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
      // Of several tabs that find no token, one is issued one and the others find that.
      oneTabAtATime(
        auth,
        async () => outcomeOf(await client.registerLookFirst({ agentCard, prepareSignal: signal })),
        { name: `join-from-this-tab ${id}`, waitMs: TURN_MS },
      ),
    async heartbeat(signal) {
      await saveAgain();
      const failure = outcomeOf(await client.heartbeat(heartbeatStats(), { signal }));
      if (failure !== null) return failure;
      // A heartbeat is let through while no token is live. What a runtime asks for along with it never is.
      const unread = outcomeOf(await client.delegations({ signal }));
      return unread?.kind === "unauthorized" ? unread : null;
    },
    async use(token, signal) {
      // Signed by itself at first: a wrong one must not take the place of one that works.
      const trial = createBrowserAuth({ storage: memoryTokenStorage(token), ...audience });
      const trialClient = clientFor({ auth: trial, workspaceId: id });
      const failure = outcomeOf(await trialClient.registerLookFirst({ agentCard, prepareSignal: signal }));
      // The platform issues another one where none was live.
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

/** A separate location for each workspace: its token opens no other one. */
function tokenStorage(id: string, storageKind: StorageKind): TokenStorage {
  if (storageKind === "indexed-db") return indexedDbTokenStorage({ database: "emulator-page", key: id });
  const storage = storageKind === "local" ? () => localStorage : () => sessionStorage;
  return webTokenStorage({ storage, key: `token of ${id}` });
}
