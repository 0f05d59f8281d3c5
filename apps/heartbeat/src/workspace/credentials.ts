import { type Auth, type AuthError, isAuthError, redactToken, type TokenStorage } from "@x/auth-core";
import type { Issued } from "@x/platform-client";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import type { WorkspaceEvent } from "./events.ts";
import { again, NEVER } from "./repeated.ts";

/** A token that was received, and is not known to be in its own location. */
export interface UnsavedToken {
  readonly token: string;
  /** The bearer of the request that was answered with it. */
  readonly sentWith: string | null;
  /** A copy is beside the runner's own state. */
  isSpilled: boolean;
}

export interface CredentialsOptions {
  readonly auth: Auth;
  readonly ref: WorkspaceRef;
  readonly store: Pick<WorkspaceStore, "inboundSecret" | "spill">;
  readonly emit: (event: WorkspaceEvent) => void;
  /** What an earlier entry of the list left behind. @default null */
  readonly unsaved?: UnsavedToken | null;
}

/**
 * Keeps what the platform issues only once: in the workspace's own location, else in a second one beside the runner's
 * state until its own takes it.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  #unsaved: UnsavedToken | null;
  #secret: string | null = null;
  #isSecretUnsaved = false;
  readonly #failed = { token: NEVER, secret: NEVER };

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#unsaved = options.unsaved ?? null;
  }

  /** True while a token or a secret would be lost with this process. */
  isUnsaved(): boolean {
    return (this.#unsaved !== null && !this.#unsaved.isSpilled) || this.#isSecretUnsaved;
  }

  /** What is left to be stored. */
  unsavedToken(): UnsavedToken | null {
    return this.#unsaved;
  }

  /** Takes what an answer of the platform holds. Not a promise when there is nothing new in it. */
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
      this.#options.emit({ type: "token-received", token: redactToken(token) });
      this.#unsaved = { token, sentWith, isSpilled: false };
      await this.#saveToken();
    }
    if (secret === undefined) return;
    this.#secret = secret;
    this.#isSecretUnsaved = true;
    await this.#saveSecret();
  }

  /**
   * Takes a token that an earlier process could store only beside the runner's state.
   *
   * @returns false when it could not be read now
   */
  async takeSpilled(): Promise<boolean> {
    const { store, ref } = this.#options;
    let token: string | null;
    try {
      token = await store.spill(ref).read();
    } catch {
      return false;
    }
    if (token === null || this.#unsaved !== null) return true;
    this.#unsaved = { token, sentWith: null, isSpilled: true };
    await this.#saveToken();
    return true;
  }

  /** Stores what could not be stored so far. Not a promise when there is nothing. */
  retryUnsaved(): Promise<void> | undefined {
    if (this.#unsaved === null && !this.#isSecretUnsaved) return undefined;
    return this.#retry();
  }

  async #retry(): Promise<void> {
    if (this.#unsaved !== null) await this.#saveToken();
    if (this.#isSecretUnsaved) await this.#saveSecret();
  }

  async #saveToken(): Promise<void> {
    const { auth, ref, store, emit } = this.#options;
    const unsaved = this.#unsaved;
    if (unsaved === null) return;
    const { token, sentWith } = unsaved;
    try {
      await auth.saveToken(token, { sentWith, platformOrigin: ref.platformOrigin });
    } catch (error) {
      if (!unsaved.isSpilled) unsaved.isSpilled = await this.#spill(token);
      const spilledTo = unsaved.isSpilled ? store.spill(ref).location : null;
      const cause = codeOf(error);
      this.#failed.token = again(this.#failed.token, cause);
      const { count } = this.#failed.token;
      emit({ type: "token-unsaved", cause, message: messageOf(error), spilledTo, count });
      return;
    }
    this.#failed.token = NEVER;
    if (this.#unsaved === unsaved) this.#unsaved = null;
    if (unsaved.isSpilled) await this.#dropSpilled(token);
    emit({ type: "token-saved", location: (await tokenLocation(auth)) ?? "memory" });
  }

  async #spill(token: string): Promise<boolean> {
    const { store, ref } = this.#options;
    try {
      await store.spill(ref).write(token);
      return true;
    } catch {
      // Why, is reported for the token's own location; a second place can only help.
      return false;
    }
  }

  async #dropSpilled(token: string): Promise<void> {
    const { store, ref } = this.#options;
    const spill = store.spill(ref);
    // What stays there is offered once more at the next start, and changes nothing then.
    if ((await readable(spill)) === token) await Promise.resolve(spill.remove?.()).catch(() => {});
  }

  async #saveSecret(): Promise<void> {
    const { store, ref, emit } = this.#options;
    const secret = this.#secret;
    if (secret === null) return;
    const storage = store.inboundSecret(ref);
    try {
      if ((await readable(storage)) !== secret) await storage.write(secret);
    } catch (error) {
      this.#failed.secret = again(this.#failed.secret, codeOf(error));
      emit({ type: "secret-unsaved", message: messageOf(error), count: this.#failed.secret.count });
      return;
    }
    this.#failed.secret = NEVER;
    this.#isSecretUnsaved = false;
    emit({ type: "secret-saved", location: storage.location });
  }
}

/** The stored text; `null` also when it cannot be read, and so has to be written again. */
async function readable(storage: TokenStorage): Promise<string | null> {
  try {
    return await storage.read();
  } catch {
    return null;
  }
}

/** Where the token in use is kept, for people; `undefined` when only memory has it. */
export async function tokenLocation(auth: Auth): Promise<string | undefined> {
  const { sources } = await auth.explain();
  return sources.find(({ source, sameAsUsed }) => source !== "cache" && sameAsUsed)?.location;
}

const codeOf = (error: unknown): AuthError["code"] | "UNKNOWN" =>
  isAuthError(error) ? error.code : "UNKNOWN";
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
