import type { AuthOptions } from "./auth.ts";
import { unlessAborted } from "./bounded.ts";
import { createEmit, type Emit } from "./events.ts";
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

/** Puts together what goes on a request: a workspace, its platform, and a token for that platform. */
export class Signer implements Shared {
  readonly storage: TokenStorage;
  readonly fallback: readonly TokenSource[];
  readonly emit: Emit;
  readonly limitMs: number;
  readonly registry: Registry = new Registry();
  lastSave: Promise<unknown> | null = null;
  readonly #env: Env;
  readonly #platform: Platform | null;
  readonly #orgId: string | null;
  readonly #platformUrl: Variable<Platform>;
  readonly #orgIdVariable: Variable<string>;
  readonly #organizationId: Variable<string>;
  #caches: TokenCache[] = [];
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
      throw new TypeError("createAuth needs a storage, and a sourceTimeoutMs of more than 0");
    }
    const url = cleanText(platformUrl);
    const org = cleanText(orgId);
    this.storage = storage;
    this.fallback = fallback ?? [envTokenSource(env)];
    this.emit = createEmit(onEvent);
    this.limitMs = sourceTimeoutMs;
    this.#env = env;
    this.#platform = url ? parsePlatformUrl(url, "platformUrl") : null;
    this.#orgId = org && checkOrgId(org, "orgId");
    this.#platformUrl = new Variable(env, "PLATFORM_URL", parsePlatformUrl);
    this.#orgIdVariable = new Variable(env, "MOLECULE_ORG_ID", checkOrgId);
    this.#organizationId = new Variable(env, "MOLECULE_ORGANIZATION_ID", checkOrgId);
    this.#cache = this.cacheFor(null);
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
    // First, because it is what nearly every request needs.
    const exact = this.registry.get(workspaceId);
    if (exact || /^\s+$/.test(workspaceId)) return exact;
    return this.registry.get(validateWorkspaceId(workspaceId));
  }

  platformOf(workspaceId: string | null | undefined): Platform | null {
    return this.find(workspaceId)?.platform ?? this.#platformNow();
  }

  /** What is remembered for a platform. */
  cacheFor(origin: string | null): TokenCache {
    const known = this.#caches.find((each) => each.origin === origin);
    if (known) return known;
    const cache = new TokenCache(origin, this);
    this.#caches.push(cache);
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
      // A URL that cannot be used is no platform; whoever makes headers hears of it.
    }
    const before = this.#cache;
    if (before.origin !== origin) {
      // What its sources are being asked may be answered for either platform.
      before.drop();
      // What was received before any platform was known is for the first one.
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

  /** The token of the platform that is configured when it is found. */
  async look(signal: Signal | undefined): Promise<{ origin: string | null; token: string | null }> {
    for (;;) {
      const cache = this.current();
      const token = await unlessAborted(cache.get(), signal);
      if (cache === this.current()) return { origin: cache.origin, token };
    }
  }

  /** From now on a workspace's token is for the platform that it has now. */
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

  /** All from one moment: no token comes beside the origin of a platform that was set later. */
  #headers(
    own: Platform | null,
    origin: string | null,
    token: string | null,
    sourceId: string | null,
  ): AuthHeaders {
    return buildHeaders({ origin, token, orgId: own === null ? this.#orgIdNow() : null, sourceId });
  }

  /** `null`: the token has to be looked for. */
  signNow(workspace: RegisteredWorkspace | undefined, sourceId: string | null): AuthHeaders | null {
    const own = workspace === undefined ? null : workspace.platform;
    const platform = own ?? this.#platformNow();
    const origin = platform === null ? null : platform.origin;
    if (workspace !== undefined) {
      // Nearly always it is the one that the token was first used for.
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
      // The workspace was given a token, or another platform was set meanwhile: then all starts over.
      if (!this.find(workspaceId) && this.current().origin === origin) {
        return this.#headers(null, origin, token, sourceId);
      }
    }
  }
}
