import type { Auth, AuthOptions, CallOptions, RecoverOptions, SaveOptions } from "./auth.ts";
import { authOf, signalOf } from "./create-auth.ts";
import type { AuthHeaders } from "./headers.ts";
import type { Explanation } from "./resolution.ts";
import { Signer } from "./signer.ts";

/**
 * An `Auth` for processes with very many of them: it takes less memory than one from `createAuth`, because its methods live
 * on the class. Call them on the object; destructured or spread, they lose their `this`.
 *
 * @throws as `createAuth`
 * @example
 * const auth = new WorkspaceAuth({ storage: memoryTokenStorage(), platformUrl: "https://platform.example" });
 */
export class WorkspaceAuth implements Auth {
  readonly #signer: Signer;

  /** @param options as for `createAuth` */
  constructor(options: AuthOptions) {
    this.#signer = new Signer(options);
  }

  /** Created only for the rare operations; those of each request do without. */
  get #all(): Auth {
    return authOf(this.#signer);
  }

  /** See `Auth`. */
  async getToken(call?: CallOptions): Promise<string | null> {
    return (await this.#signer.look(signalOf(call))).token;
  }

  /** See `Auth`. */
  saveToken(token: string, more?: SaveOptions): Promise<void> {
    return this.#all.saveToken(token, more);
  }

  /** See `Auth`. */
  refreshCache(call?: CallOptions): Promise<string | null> {
    return this.#all.refreshCache(call);
  }

  /** See `Auth`. */
  rejectToken(token: string): void {
    this.#signer.reject(token);
  }

  /** See `Auth`. */
  clearCache(): void {
    this.#all.clearCache();
  }

  /** See `Auth`. */
  registerWorkspaceToken(workspaceId: string, token: string, more?: { platformUrl?: string }): void {
    this.#all.registerWorkspaceToken(workspaceId, token, more);
  }

  /** See `Auth`. */
  getWorkspaceToken(workspaceId: string): string | null {
    return this.#all.getWorkspaceToken(workspaceId);
  }

  /** See `Auth`. */
  listRegisteredWorkspaces(): string[] {
    return this.#signer.registry.ids();
  }

  /** See `Auth`. */
  async authHeaders(workspaceId?: string | null, call?: CallOptions): Promise<AuthHeaders> {
    const signal = signalOf(call);
    return this.authHeadersNow(workspaceId) ?? this.#signer.sign(workspaceId, null, signal);
  }

  /** Returns what `authHeaders` resolves with if no source has to be read, else `null`. @throws as `authHeaders` */
  authHeadersNow(workspaceId?: string | null): AuthHeaders | null {
    return this.#signer.signNow(this.#signer.find(workspaceId), null);
  }

  /** See `Auth`. */
  selfSourceHeaders(workspaceId: string, call?: CallOptions): Promise<AuthHeaders> {
    return this.#all.selfSourceHeaders(workspaceId, call);
  }

  /** See `Auth`. */
  recover(refused: AuthHeaders, more?: RecoverOptions): Promise<AuthHeaders | null> {
    return this.#all.recover(refused, more);
  }

  /** See `Auth`. */
  platformOrigin(workspaceId?: string | null): string | null {
    return this.#signer.platformOf(workspaceId)?.origin ?? null;
  }

  /** See `Auth`. */
  platformUrl(workspaceId?: string | null): string | null {
    return this.#all.platformUrl(workspaceId);
  }

  /** See `Auth`. */
  explain(workspaceId?: string | null, call?: CallOptions): Promise<Explanation> {
    return this.#all.explain(workspaceId, call);
  }

  /** See `Auth`. */
  watch(call?: CallOptions): () => void {
    return this.#all.watch(call);
  }
}
