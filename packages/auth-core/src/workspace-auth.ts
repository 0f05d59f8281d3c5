import type { Auth, AuthOptions, CallOptions, RecoverOptions, SaveOptions } from "./auth.ts";
import { throwIfAborted, unlessAborted } from "./bounded.ts";
import { Caches, type Found } from "./caches.ts";
import { type AuthHeaders, buildHeaders } from "./headers.ts";
import { own } from "./own.ts";
import { type Platform, parsePlatformUrl, platformOrigin } from "./platform-url.ts";
import { claim, type RegisteredWorkspace } from "./registered-workspace.ts";
import { type Explanation, explain } from "./resolution.ts";
import { ownText, Settings } from "./settings.ts";
import type { Signal } from "./signal.ts";
import { checkToken, cleanText, redactToken, textOf } from "./token.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/**
 * An `Auth` for processes with very many of them: it takes less memory than one from `createAuth`, because its methods live
 * on the class. Call them on the object; destructured or spread, they lose their `this`.
 *
 * @throws as `createAuth`
 * @example
 * const auth = new WorkspaceAuth({ storage: memoryTokenStorage(), platformUrl: "https://platform.example" });
 */
export class WorkspaceAuth implements Auth {
  readonly #settings: Settings;
  readonly #caches: Caches;
  /** In order of registration. */
  #workspaces: Map<string, RegisteredWorkspace> | null = null;
  /** What the last id led to: nearly always, all calls sign as one workspace. */
  #lastId: string | null = null;
  #last: RegisteredWorkspace | undefined;

  /** @param options as for `createAuth` */
  constructor(options: AuthOptions) {
    const given = own(options);
    this.#settings = new Settings(given);
    this.#caches = new Caches(given, this.#settings);
  }

  /** Returns what `authHeaders` resolves with if no source has to be read, else `null`. @throws as `authHeaders` */
  authHeadersNow(workspaceId?: string | null): AuthHeaders | null {
    return this.#signNow(this.#find(workspaceId), null);
  }

  /** See `Auth`. */
  async getToken(call?: CallOptions): Promise<string | null> {
    const signal = signalOf(call);
    // A cached token needs no wait, and no listener on the signal.
    return (
      this.#caches.current().cached ?? (await this.#caches.look(signal, (found) => found))?.token ?? null
    );
  }

  /** See `Auth`. */
  async saveToken(token: string, more?: SaveOptions): Promise<void> {
    const { sentWith, platformOrigin: origin, signal } = own(more);
    const cache = origin ? this.#caches.of(platformOrigin(origin)) : this.#caches.current();
    return cache.save(token, sentWith, signal);
  }

  /** See `Auth`. */
  async refreshCache(call?: CallOptions): Promise<string | null> {
    const signal = signalOf(call);
    this.#caches.current().drop();
    return this.getToken({ signal });
  }

  /** See `Auth`. */
  rejectToken(token: string): void {
    this.#caches.reject(token);
  }

  /** See `Auth`. */
  clearCache(): void {
    this.#caches.drop();
    this.#workspaces = null;
    this.#lastId = null;
  }

  /** See `Auth`. */
  registerWorkspaceToken(workspaceId: string, token: string, more?: { platformUrl?: string }): void {
    // Only blank text is ignored. Anything else is rejected below: the single-workspace token must not be sent instead.
    if (!textOf(workspaceId) || !textOf(token)) return;
    const id = validateWorkspaceId(workspaceId);
    const text = checkToken(token);
    const platform = ownText(more, "platformUrl", (url) =>
      parsePlatformUrl(url, `The platform URL of ${id}`),
    );
    this.#workspaces ??= new Map();
    const before = this.#workspaces.get(id);
    const isNew = before?.token !== text;
    const workspace = {
      id,
      token: text,
      authorization: `Bearer ${text}`,
      platform: platform ?? before?.platform ?? null,
      audience: isNew ? null : before.audience,
    };
    this.#workspaces.set(id, workspace);
    this.#lastId = null;
    // Binds the token to its current platform.
    claim(workspace, (workspace.platform ?? this.#caches.current()).origin, this.#caches);
    if (!before || !isNew) return;
    this.#caches.emit({
      type: "token-rotated",
      workspaceId: id,
      before: redactToken(before.token),
      after: redactToken(text),
    });
  }

  /** See `Auth`. */
  getWorkspaceToken(workspaceId: string): string | null {
    return this.#workspaces?.get(workspaceId.trim())?.token ?? null;
  }

  /** See `Auth`. */
  listRegisteredWorkspaces(): string[] {
    return [...(this.#workspaces?.keys() ?? [])];
  }

  /** See `Auth`. */
  async authHeaders(workspaceId?: string | null, call?: CallOptions): Promise<AuthHeaders> {
    const signal = signalOf(call);
    return this.#signNow(this.#find(workspaceId), null) ?? this.#sign(workspaceId, null, signal);
  }

  /** See `Auth`. */
  async selfSourceHeaders(workspaceId: string, call?: CallOptions): Promise<AuthHeaders> {
    const signal = signalOf(call);
    const workspace = this.#find(workspaceId);
    const id = workspace ? workspace.id : validateWorkspaceId(workspaceId);
    return this.#signNow(workspace, id) ?? this.#sign(id, id, signal);
  }

  /** See `Auth`. */
  async recover(rejected: AuthHeaders, more?: RecoverOptions): Promise<AuthHeaders | null> {
    const { Authorization, "X-Workspace-ID": sourceId = null } = own(rejected);
    const bearer = Authorization?.slice(7) ?? "";
    // Browsers hide `Origin`, and copies of the headers lose it: then look up the platform by the token.
    const Origin = Object.hasOwn(rejected, "Origin") ? rejected.Origin : this.#caches.ownerOf(bearer)?.origin;
    const { workspaceId = sourceId, signal } = own(more);
    let fresh = await this.#sign(workspaceId, sourceId, signal);
    if (fresh.Origin === Origin && fresh.Authorization === Authorization) {
      // Reads the sources once for all requests rejected with this token.
      this.rejectToken(bearer);
      fresh = await this.#sign(workspaceId, sourceId, signal);
    }
    const isOther = fresh.Authorization && fresh.Authorization !== Authorization;
    return isOther && fresh.Origin === Origin ? fresh : null;
  }

  /** See `Auth`. */
  platformOrigin(workspaceId?: string | null): string | null {
    return this.#platformOf(workspaceId)?.origin ?? null;
  }

  /** See `Auth`. */
  platformUrl(workspaceId?: string | null): string | null {
    return this.#platformOf(workspaceId)?.url ?? null;
  }

  /** See `Auth`. */
  async explain(workspaceId?: string | null, call?: CallOptions): Promise<Explanation> {
    const signal = signalOf(call);
    const workspace = this.#find(workspaceId);
    const cache = workspace?.platform ? this.#caches.of(workspace.platform.origin) : this.#caches.current();
    const candidates = await unlessAborted(cache.inspect(), signal);
    const id = cleanText(workspaceId);
    if (id)
      candidates.unshift({ source: "workspace", location: "registry", token: workspace?.token ?? null });
    return explain(id, candidates, cache);
  }

  /** See `Auth`. */
  watch(call?: CallOptions): () => void {
    return this.#caches.watch(own(call).signal);
  }

  #find(workspaceId: string | null | undefined): RegisteredWorkspace | undefined {
    if (!workspaceId) return undefined;
    if (workspaceId === this.#lastId) return this.#last;
    const exact = this.#workspaces?.get(workspaceId);
    const id = exact || /^\s+$/.test(workspaceId) ? workspaceId : validateWorkspaceId(workspaceId);
    this.#last = this.#workspaces?.get(id);
    this.#lastId = workspaceId;
    return this.#last;
  }

  #platformOf(workspaceId: string | null | undefined): Platform | null {
    return this.#find(workspaceId)?.platform ?? this.#settings.platform();
  }

  /**
   * Headers without waiting; `null` if the sources must be read first. Built synchronously, so that a token is never
   * combined with the origin of a platform set later.
   */
  #signNow(
    workspace: RegisteredWorkspace | undefined,
    sourceId: string | null,
    found?: Found,
  ): AuthHeaders | null {
    const own = workspace ? workspace.platform : null;
    const platform = own ?? this.#settings.platform();
    const origin = platform ? platform.origin : null;
    let authorization: string | null | undefined;
    if (workspace) authorization = claim(workspace, origin, this.#caches) ? workspace.authorization : null;
    else {
      const token = this.#caches.cachedFor(origin) ?? (found?.origin === origin ? found.token : undefined);
      if (token === undefined) return null;
      authorization = token && `Bearer ${token}`;
    }
    return buildHeaders(origin, authorization, own ? null : this.#settings.orgId(), sourceId);
  }

  /** Reads the sources, again if the platform changed meanwhile; no headers if it never stays the same. */
  async #sign(
    workspaceId: string | null | undefined,
    sourceId: string | null,
    signal: Signal | undefined,
  ): Promise<AuthHeaders> {
    const signNow = (found?: Found) => this.#signNow(this.#find(workspaceId), sourceId, found);
    return signNow() ?? (await this.#caches.look(signal, signNow)) ?? {};
  }
}

/** The call's signal; throws its reason if it has aborted. */
function signalOf(call: CallOptions | undefined): Signal | undefined {
  const signal = call && own(call).signal;
  throwIfAborted(signal);
  return signal;
}
