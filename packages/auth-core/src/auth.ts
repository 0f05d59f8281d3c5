import { type AuthEvent, createEmit } from "./events.ts";
import { buildHeaders, checkOrgId, createVariable, type Env } from "./headers.ts";
import { platformOrigin } from "./platform-url.ts";
import { createRegistry, type RegisteredWorkspace } from "./registry.ts";
import { type Candidate, choose, type Explanation, explainChoice } from "./resolution.ts";
import type { TokenStorage } from "./storage.ts";
import { cleanText, redactToken } from "./token.ts";
import { createTokenKeeper } from "./token-keeper.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** What an `Auth` is made of. */
export interface AuthOptions {
  /** Where the single-workspace token is kept. */
  readonly storage: TokenStorage;
  /**
   * `MOLECULE_WORKSPACE_TOKEN`, `PLATFORM_URL`, `MOLECULE_ORG_ID`, `MOLECULE_ORGANIZATION_ID`. Read live, whenever
   * one is needed. Default: none of them is set.
   */
  readonly env?: Env;
  /** Told what happens, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: AuthEvent) => void;
}

/**
 * A workspace's token: found, kept, and put on requests. Its methods need no `this`.
 */
export interface Auth {
  /**
   * The single-workspace token: cached, else issued but not stored yet, else stored, else from
   * `MOLECULE_WORKSPACE_TOKEN`; `null` when there is none. The first success is cached. Never rejects: a source that
   * cannot be read is passed over with a `source-failed` event.
   */
  getToken(): Promise<string | null>;
  /**
   * Stores a token, unless that very token is stored already, and uses it from now on. It is in use at once, and
   * stays so in memory when it cannot be stored; saving again tries again. Saves are written in the order of the
   * calls.
   *
   * @throws AuthError `TOKEN_INVALID`, or `STORAGE_WRITE_FAILED`
   */
  saveToken(token: string): Promise<void>;
  /** Drops the cached token, asks the sources again, and gives what they hold. Never joins an older read. */
  refreshCache(): Promise<string | null>;
  /**
   * Tells that the platform refused this token (a 401). Another source's token goes before it from now on; it is
   * used again only when there is nothing better, or when it is saved again. A blank one is ignored.
   */
  rejectToken(token: string): void;
  /** Drops the cached token and the registry. A token that could not be stored yet is kept. */
  clearCache(): void;
  /**
   * Gives a workspace a token, and optionally a platform, of its own. A blank id or token: nothing happens. Another
   * token than before: it takes its place, with a `token-rotated` event.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `TOKEN_INVALID`, `PLATFORM_URL_INVALID`
   */
  registerWorkspaceToken(workspaceId: string, token: string, options?: { platformUrl?: string }): void;
  /** A registered workspace's token; `null` when it has none. */
  getWorkspaceToken(workspaceId: string): string | null;
  /** Ids in order of registration. */
  listRegisteredWorkspaces(): string[];
  /**
   * What goes on a request to the platform: `Origin`, `Authorization`, `X-Molecule-Org-Id`, each only if there is
   * one. A fresh object each time. No token is no error: a workspace without one may register.
   *
   * @param workspaceId that workspace's token and platform; one that is not registered gets the single-workspace
   * token, like none or a blank one
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`, `ORG_ID_INVALID`
   */
  authHeaders(workspaceId?: string | null): Promise<Record<string, string>>;
  /**
   * `authHeaders` and `X-Workspace-ID`: for what a workspace's own runtime posts to an A2A endpoint. Without it the
   * platform takes the message for one that a person typed.
   *
   * @throws AuthError as `authHeaders`
   */
  selfSourceHeaders(workspaceId: string): Promise<Record<string, string>>;
  /**
   * The origin that this token may be sent to: that of the workspace's platform URL, else of `PLATFORM_URL`; `null`
   * when neither is set.
   *
   * @throws AuthError `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
   */
  platformOrigin(workspaceId?: string | null): string | null;
  /** Which source the token comes from, and what each of the others holds. Without secrets. Changes nothing. */
  explain(workspaceId?: string | null): Promise<Explanation>;
  /**
   * Follows the storage: when somebody else changes it, the cached token is dropped. Does nothing for a storage that
   * cannot tell.
   *
   * @returns the way to stop
   */
  watch(): () => void;
}

/**
 * Everything that has to do with one runtime's tokens. Two of them share nothing.
 *
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage(), env: { PLATFORM_URL: "https://platform.example" } });
 * await auth.saveToken(issued);
 * await fetch("https://platform.example/registry/heartbeat", { method: "POST", headers: await auth.authHeaders() });
 */
export function createAuth({ storage, env = {}, onEvent }: AuthOptions): Auth {
  const emit = createEmit(onEvent);
  const registry = createRegistry();
  const keeper = createTokenKeeper(storage, env, emit);
  const originOf = createVariable("PLATFORM_URL", platformOrigin);
  const orgIdOf = createVariable("MOLECULE_ORG_ID", checkOrgId);
  const organizationIdOf = createVariable("MOLECULE_ORGANIZATION_ID", checkOrgId);

  function find(workspaceId: string | null | undefined): RegisteredWorkspace | undefined {
    if (!workspaceId) return undefined;
    // First, because it is what nearly every request needs.
    const exact = registry.get(workspaceId);
    if (exact || /^\s+$/.test(workspaceId)) return exact;
    return registry.get(validateWorkspaceId(workspaceId));
  }

  function headersOf(
    workspace: RegisteredWorkspace | undefined,
    token: string | null,
    sourceId: string | null,
  ) {
    const ownOrigin = workspace?.origin ?? null;
    return buildHeaders({
      origin: ownOrigin ?? originOf(env.PLATFORM_URL),
      token,
      orgId: ownOrigin
        ? null
        : (orgIdOf(env.MOLECULE_ORG_ID) ?? organizationIdOf(env.MOLECULE_ORGANIZATION_ID)),
      sourceId,
    });
  }

  return {
    getToken: keeper.get,
    saveToken: keeper.save,
    refreshCache: keeper.refresh,
    rejectToken: keeper.reject,
    clearCache() {
      keeper.drop();
      registry.clear();
    },
    registerWorkspaceToken(workspaceId, token, options = {}) {
      const replaced = registry.register(workspaceId, token, options.platformUrl);
      if (!replaced) return;
      emit({
        type: "token-rotated",
        workspaceId: replaced.id,
        before: redactToken(replaced.token),
        after: redactToken(token.trim()),
      });
    },
    getWorkspaceToken: (workspaceId) => registry.get(workspaceId.trim())?.token ?? null,
    listRegisteredWorkspaces: registry.ids,
    async authHeaders(workspaceId) {
      const workspace = find(workspaceId);
      return headersOf(workspace, workspace?.token ?? keeper.cached() ?? (await keeper.get()), null);
    },
    async selfSourceHeaders(workspaceId) {
      const exact = registry.get(workspaceId);
      const id = exact?.id ?? validateWorkspaceId(workspaceId);
      const workspace = exact ?? registry.get(id);
      return headersOf(workspace, workspace?.token ?? keeper.cached() ?? (await keeper.get()), id);
    },
    platformOrigin: (workspaceId) => find(workspaceId)?.origin ?? originOf(env.PLATFORM_URL),
    async explain(workspaceId) {
      const workspace = find(workspaceId);
      const { cached, sources } = await keeper.inspect();
      const candidates = [cached, ...sources];
      let used = cached.token ? cached : choose(sources, keeper.rejections);
      const id = cleanText(workspaceId);
      if (id) {
        const own: Candidate = { source: "workspace", location: "registry", token: workspace?.token ?? null };
        candidates.unshift(own);
        if (own.token) used = own;
      }
      return explainChoice(id, candidates, used, keeper.rejections);
    },
    watch() {
      const stop = storage.watch?.(() => {
        keeper.drop();
        emit({ type: "storage-changed", location: storage.location });
      });
      return stop ?? (() => {});
    },
  };
}
