import { type Auth, type AuthError, isAuthError, redactToken } from "@x/auth-core";
import type { Issued } from "@x/platform-client";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { WorkspaceEvent } from "./events.ts";
import { again, NEVER } from "./repeated.ts";
import { readable, type Spilled, SpilledToken } from "./spilled-token.ts";

/** A received token that is not known to be stored in its own location. */
export interface UnsavedToken {
  readonly token: string;
  /** The bearer of the request that it answered. */
  readonly sentWith: string | null;
  /** A copy is stored next to the runner's own state. */
  isSpilled: boolean;
}

export interface CredentialsContext {
  readonly auth: Auth;
  readonly ref: WorkspaceRef;
  readonly environment: {
    readonly store: Pick<
      WorkspaceStore,
      "token" | "inboundSecret" | "spill" | "spillBasis" | "spillsAtOnce" | "versions"
    >;
  };
  emit(event: WorkspaceEvent): void;
}

/**
 * Keeps what the platform issues only once: in the workspace's own storage, or next to the runner's state until its own
 * storage can take it.
 */
export class Credentials {
  readonly #context: CredentialsContext;
  #unsaved: UnsavedToken | null;
  #secret: string | null = null;
  #isSecretUnsaved = false;
  /** Why the unsaved token waits for `accepted`: another one is stored, and its rejection may be a mistake. */
  #conflict: AuthError | null = null;
  #tokenFailed = NEVER;
  #secretFailed = NEVER;
  #spillFailed = NEVER;

  /** @param unsaved what an earlier entry of the list left behind */
  constructor(context: CredentialsContext, unsaved: UnsavedToken | null = null) {
    this.#context = context;
    this.#unsaved = unsaved;
  }

  /** True while a token would be lost with this process. A secret never is: it is in every answer to a heartbeat. */
  isUnsaved(): boolean {
    return this.#unsaved !== null && !this.#unsaved.isSpilled;
  }

  /** The token that is still to be stored. */
  unsavedToken(): UnsavedToken | null {
    return this.#unsaved;
  }

  /** Takes tokens and secrets from a platform's answer. Returns no promise when there are none. */
  receive({ token, inboundSecret, sentWith }: Issued): Promise<void> | undefined {
    const isNewSecret = inboundSecret !== undefined && inboundSecret !== this.#secret;
    if (token === undefined && !isNewSecret) return undefined;
    return this.#store(token, sentWith, isNewSecret ? inboundSecret : undefined);
  }

  async #store(
    token: string | undefined,
    sentWith: string | null,
    secret: string | undefined,
  ): Promise<void> {
    if (token !== undefined) {
      this.#context.emit({ type: "token-received", token: redactToken(token) });
      const unsaved: UnsavedToken = { token, sentWith, isSpilled: false };
      this.#unsaved = unsaved;
      // In parallel: whichever location is faster, the token is durable that much sooner.
      const { spillsAtOnce } = this.#context.environment.store;
      await this.#saveToken(spillsAtOnce ? this.#spill(unsaved) : undefined);
    }
    if (secret === undefined) return;
    this.#secret = secret;
    this.#isSecretUnsaved = true;
    await this.#saveSecret();
  }

  /**
   * Takes a token that an earlier process could store only next to the runner's state.
   *
   * @returns false when it cannot be read now
   */
  async takeSpilled(): Promise<boolean> {
    const { environment, ref } = this.#context;
    const place = this.#spilled();
    let spilled: Spilled | null;
    try {
      spilled = await place.read();
    } catch (error) {
      this.#spillFailed = again(this.#spillFailed, codeOf(error));
      const { count } = this.#spillFailed;
      this.#context.emit({ type: "spilled-token-unreadable", message: messageOf(error), count });
      return false;
    }
    if (spilled === null || this.#unsaved !== null) return true;
    const { token, sentWith } = spilled;
    const stored = await readable(environment.store.token(ref));
    const isOlder = stored !== null && place.replaces(spilled, stored);
    this.#unsaved = { token, sentWith: isOlder ? stored : sentWith, isSpilled: true };
    await this.#saveToken();
    return true;
  }

  /** Retries what could not be stored so far. Returns no promise when there is nothing. */
  retryUnsaved(): Promise<void> | undefined {
    if (this.#unsaved === null && !this.#isSecretUnsaved) return undefined;
    return this.#retry();
  }

  async #retry(): Promise<void> {
    if (this.#unsaved !== null && this.#conflict !== null)
      await this.#notSaved(this.#unsaved, this.#conflict);
    else if (this.#unsaved !== null) await this.#saveToken();
    if (this.#isSecretUnsaved) await this.#saveSecret();
  }

  /** Before a request: the token that it is sent with if that conflicts with the stored one; else `null`. */
  tries(): Promise<string | null> | null {
    return this.#conflict === null ? null : this.#context.auth.getToken();
  }

  /** The platform has accepted this token. If it conflicts with the stored one, it may now replace that. */
  async accepted(token: string): Promise<void> {
    if (this.#conflict === null || this.#unsaved?.token !== token) return;
    // Other requests may have changed which token is used, and the accepted one may have been another.
    if ((await this.#context.auth.getToken()) === token) await this.#saveToken();
  }

  /** @param spilling settles when the token is spilled, or cannot be */
  async #saveToken(spilling?: Promise<void>): Promise<void> {
    const { auth, ref } = this.#context;
    const unsaved = this.#unsaved;
    if (unsaved === null) return;
    const { token, sentWith } = unsaved;
    this.#conflict = null;
    try {
      await auth.saveToken(token, { sentWith, platformOrigin: ref.platformOrigin });
    } catch (error) {
      await spilling;
      return this.#notSaved(unsaved, error);
    }
    this.#tokenFailed = NEVER;
    if (this.#unsaved === unsaved) this.#unsaved = null;
    await spilling;
    if (unsaved.isSpilled) await this.#spilled().drop(token);
    this.#context.emit({ type: "token-saved", location: (await tokenLocation(auth)) ?? "memory" });
  }

  async #notSaved(unsaved: UnsavedToken, error: unknown): Promise<void> {
    if (!unsaved.isSpilled) await this.#spill(unsaved);
    const spilledTo = unsaved.isSpilled ? this.#spilled().location : null;
    this.#conflict = isAuthError(error) && error.code === "STORAGE_CONFLICT" ? error : null;
    const cause = codeOf(error);
    this.#tokenFailed = again(this.#tokenFailed, cause);
    const { count } = this.#tokenFailed;
    this.#context.emit({ type: "token-unsaved", cause, message: messageOf(error), spilledTo, count });
  }

  async #spill(unsaved: UnsavedToken): Promise<void> {
    unsaved.isSpilled = await this.#spilled().write(unsaved.token, unsaved.sentWith);
  }

  /** Created on demand: a runner has thousands of workspaces, and hardly ever needs this. */
  #spilled(): SpilledToken {
    return new SpilledToken(this.#context.environment.store, this.#context.ref);
  }

  async #saveSecret(): Promise<void> {
    const { environment, ref } = this.#context;
    const secret = this.#secret;
    if (secret === null) return;
    const storage = environment.store.inboundSecret(ref);
    try {
      if ((await readable(storage)) !== secret) await storage.write(secret);
    } catch (error) {
      this.#secretFailed = again(this.#secretFailed, codeOf(error));
      const { count } = this.#secretFailed;
      this.#context.emit({ type: "secret-unsaved", message: messageOf(error), count });
      return;
    }
    this.#secretFailed = NEVER;
    this.#isSecretUnsaved = false;
    this.#context.emit({ type: "secret-saved", location: storage.location });
  }
}

/** Display name of where the token in use is stored; `undefined` when it is only in memory. */
export async function tokenLocation(auth: Auth): Promise<string | undefined> {
  const { sources } = await auth.explain();
  return sources.find(({ source, sameAsUsed }) => source !== "cache" && sameAsUsed)?.location;
}

const codeOf = (error: unknown): AuthError["code"] | "UNKNOWN" =>
  isAuthError(error) ? error.code : "UNKNOWN";
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
