import type { AuthOptions } from "./auth.ts";
import { unlessAborted } from "./bounded.ts";
import type { AuthEvent, AuthEventListener } from "./events.ts";
import { type AuthHeaders, buildHeaders, checkOrgId, type Env, Variable } from "./headers.ts";
import { own } from "./own.ts";
import { type Platform, parsePlatformUrl } from "./platform-url.ts";
import { type RegisteredWorkspace, Registry } from "./registry.ts";
import type { Signal } from "./signal.ts";
import { envTokenSource } from "./sources.ts";
import type { TokenSource, TokenStorage } from "./storage.ts";
import { cleanText } from "./token.ts";
import { TokenCache } from "./token-cache.ts";
import type { Shared } from "./token-memory.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** Builds a request's headers from a workspace, its platform, and a token for that platform. */
export class Signer implements Shared {
  readonly storage: TokenStorage;
  readonly fallback: readonly TokenSource[];
  readonly limitMs: number;
  readonly registry: Registry = new Registry();
  lastSave: Promise<unknown> | null = null;
  readonly #env: Env;
  readonly #onEvent: AuthEventListener | undefined;
  readonly #platform: Platform | null;
  readonly #orgId: string | null;
  readonly #platformUrl: Variable<Platform>;
  readonly #orgIdVariable: Variable<string>;
  readonly #organizationId: Variable<string>;
  /** The last valid id that was not found. */
  #unregistered: string | null = null;
  #caches: readonly TokenCache[] = [];
  #cache: TokenCache;

  constructor(options: AuthOptions) {
    const {
      storage,
      platformUrl,
      orgId,
      env = {},
      fallback,
      onEvent,
      sourceTimeoutMs = 5_000,
    } = own(options);
    if (!storage || !(sourceTimeoutMs > 0)) {
      throw new TypeError("createAuth requires a storage, and a sourceTimeoutMs greater than 0");
    }
    const url = cleanText(platformUrl);
    const org = cleanText(orgId);
    this.storage = storage;
    this.fallback = fallback ?? [envTokenSource(env)];
    this.#onEvent = onEvent;
    this.limitMs = sourceTimeoutMs;
    this.#env = env;
    this.#platform = url ? parsePlatformUrl(url, "platformUrl") : null;
    this.#orgId = org && checkOrgId(org, "orgId");
    this.#platformUrl = new Variable(env, "PLATFORM_URL", parsePlatformUrl);
    this.#orgIdVariable = new Variable(env, "MOLECULE_ORG_ID", checkOrgId);
    this.#organizationId = new Variable(env, "MOLECULE_ORGANIZATION_ID", checkOrgId);
    this.#cache = this.cacheFor(null);
  }

  /** A listener that throws must not undo the operation it is called for. */
  async emit(event: AuthEvent): Promise<void> {
    try {
      // Awaited so that an async listener's rejection does not end the process.
      await this.#onEvent?.(event);
    } catch {
      // The listener's own error; there is no one to report it to.
    }
  }

  #platformNow(): Platform | null {
    return this.#platform ?? this.#platformUrl.of(this.#env.PLATFORM_URL);
  }

  #orgIdNow(): string | null {
    return (
      this.#orgId ??
      this.#orgIdVariable.of(this.#env.MOLECULE_ORG_ID) ??
      this.#organizationId.of(this.#env.MOLECULE_ORGANIZATION_ID)
    );
  }

  find(workspaceId: string | null | undefined): RegisteredWorkspace | undefined {
    if (!workspaceId) return undefined;
    // The fast path: nearly every request passes an exact registered id.
    const exact = this.registry.get(workspaceId);
    if (exact || workspaceId === this.#unregistered || /^\s+$/.test(workspaceId)) return exact;
    const id = validateWorkspaceId(workspaceId);
    if (id === workspaceId) this.#unregistered = id;
    return this.registry.get(id);
  }

  platformOf(workspaceId: string | null | undefined): Platform | null {
    return this.find(workspaceId)?.platform ?? this.#platformNow();
  }

  /** The token cache of a platform. */
  cacheFor(origin: string | null): TokenCache {
    const known = this.#caches.find((each) => each.origin === origin);
    if (known) return known;
    const cache = new TokenCache(origin, this);
    // `push` and spreading reserve room for sixteen more.
    this.#caches = this.#caches.concat(cache);
    return cache;
  }

  ownerOf(token: string): TokenCache | undefined {
    return this.#caches.find((each) => each.knows(token));
  }

  current(): TokenCache {
    let origin: string | null = null;
    try {
      origin = this.#platformNow()?.origin ?? null;
    } catch {
      // An invalid URL counts as no platform; building headers reports the error.
    }
    const before = this.#cache;
    if (before.origin !== origin) {
      // Reads in flight may return either platform's token.
      before.drop();
      // Tokens received before a platform was configured belong to the first one.
      if (before.origin === null && !this.#caches.some((each) => each.origin === origin))
        before.origin = origin;
      else this.#cache = this.cacheFor(origin);
    }
    return this.#cache;
  }

  drop(): void {
    for (const each of this.#caches) each.drop();
  }

  reject(text: string): void {
    const token = cleanText(text);
    if (token) (this.ownerOf(token) ?? this.current()).reject(token);
  }

  /** Finds a token for the platform that is configured once the read ends. */
  async look(signal: Signal | undefined): Promise<{ origin: string | null; token: string | null }> {
    for (;;) {
      const cache = this.current();
      const token = await unlessAborted(cache.get(), signal);
      if (cache === this.current()) return { origin: cache.origin, token };
    }
  }

  /** Binds a workspace's token to its current platform. */
  claimFor(workspace: RegisteredWorkspace | undefined): void {
    if (workspace) this.#tokenOf(workspace, workspace.platform?.origin ?? this.current().origin);
  }

  /** A workspace's token, unless it was first used for another platform. */
  #tokenOf(workspace: RegisteredWorkspace, origin: string | null): string | null {
    const { token } = workspace;
    if (workspace.audience === null) {
      const cache = this.cacheFor(origin);
      if (cache.isForeign(token)) return null;
      cache.claim(token);
      workspace.audience = origin;
    }
    return workspace.audience === origin ? token : null;
  }

  /** Builds all headers synchronously, so that a token is never combined with the origin of a platform set later. */
  #headers(
    own: Platform | null,
    origin: string | null,
    token: string | null,
    sourceId: string | null,
  ): AuthHeaders {
    return buildHeaders({ origin, token, orgId: own === null ? this.#orgIdNow() : null, sourceId });
  }

  /** Headers without waiting; `null` if the sources must be read. */
  signNow(workspace: RegisteredWorkspace | undefined, sourceId: string | null): AuthHeaders | null {
    const own = workspace === undefined ? null : workspace.platform;
    const platform = own ?? this.#platformNow();
    const origin = platform === null ? null : platform.origin;
    if (workspace !== undefined) {
      // Nearly always the platform is the one that the token was first used for.
      const same = workspace.audience !== null && workspace.audience === origin;
      return this.#headers(own, origin, same ? workspace.token : this.#tokenOf(workspace, origin), sourceId);
    }
    const token = this.#cache.origin === origin ? this.#cache.cached : null;
    return token === null ? null : this.#headers(own, origin, token, sourceId);
  }

  async sign(
    workspaceId: string | null | undefined,
    sourceId: string | null,
    signal: Signal | undefined,
  ): Promise<AuthHeaders> {
    for (;;) {
      const ready = this.signNow(this.find(workspaceId), sourceId);
      if (ready) return ready;
      const { origin, token } = await this.look(signal);
      // Start over if the workspace got a token, or the platform changed, during the read.
      if (!this.find(workspaceId) && this.current().origin === origin) {
        return this.#headers(null, origin, token, sourceId);
      }
    }
  }
}
