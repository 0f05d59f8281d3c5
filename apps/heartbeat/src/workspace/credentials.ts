import { type Auth, checkToken, redactToken, type TokenStorage } from "@x/auth-core";
import type { Reply } from "../transport/reply.ts";
import type { WorkspaceEvent } from "./events.ts";

export interface CredentialsOptions {
  readonly auth: Auth;
  /** Opens the storage of the secret with which the platform calls the workspace. Many never get one. */
  readonly openInboundSecret: () => TokenStorage;
  readonly emit: (event: WorkspaceEvent) => void;
}

/** Takes the token and secret, which the platform issues only once, from whichever answer carries them, and stores them. */
export class Credentials {
  readonly #options: CredentialsOptions;
  #unsavedToken: string | null = null;
  #secret: string | null = null;
  #isSecretUnsaved = false;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** True while something that was issued is in memory only. */
  isUnsaved(): boolean {
    return this.#unsavedToken !== null || this.#isSecretUnsaved;
  }

  async receive({ body }: Reply): Promise<void> {
    const token = this.#take(body.auth_token);
    if (token !== null) {
      this.#unsavedToken = token;
      this.#options.emit({ type: "token-received", token: redactToken(token) });
      await this.#saveToken(token);
    }
    const delivered = this.#take(body.platform_inbound_secret);
    if (delivered !== null && delivered !== this.#secret) {
      this.#secret = delivered;
      this.#isSecretUnsaved = true;
      await this.#saveSecret();
    }
  }

  /** Stores what could not be stored so far. */
  async retryUnsaved(): Promise<void> {
    const token = this.#unsavedToken;
    // A token that was rejected meanwhile must not replace what another process has stored.
    if (token !== null && (await this.#options.auth.getToken()) === token) await this.#saveToken(token);
    if (this.#isSecretUnsaved) await this.#saveSecret();
  }

  async #saveToken(token: string): Promise<void> {
    const { auth, emit } = this.#options;
    try {
      await auth.saveToken(token);
    } catch (error) {
      emit({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    this.#unsavedToken = null;
    emit({ type: "token-saved", location: (await tokenLocation(auth)) ?? "memory" });
  }

  async #saveSecret(): Promise<void> {
    const { openInboundSecret, emit } = this.#options;
    const secret = this.#secret;
    if (secret === null) return;
    const storage = openInboundSecret();
    try {
      if ((await readable(storage)) !== secret) await storage.write(secret);
    } catch (error) {
      emit({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    this.#isSecretUnsaved = false;
    emit({ type: "secret-saved", location: storage.location });
  }

  /** The text of a field, checked; `null` when it is absent or cannot be used. */
  #take(value: unknown): string | null {
    if (typeof value !== "string" || value.trim() === "") return null;
    try {
      return checkToken(value);
    } catch (error) {
      this.#options.emit({ type: "token-unusable", why: messageOf(error) });
      return null;
    }
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
