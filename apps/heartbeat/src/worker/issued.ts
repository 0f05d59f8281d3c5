import { type Auth, checkToken, redactToken, type TokenStorage } from "@x/auth-core";
import type { Reply } from "../platform/reply.ts";
import type { Notice } from "./notices.ts";

export interface IssuedOptions {
  readonly auth: Auth;
  /** Opens where the secret with which the platform calls the workspace is kept. Many never get one. */
  readonly openInboundSecret: () => TokenStorage;
  readonly notify: (notice: Notice) => void;
}

/** Takes what the platform hands out only once, from whatever answer carries it, and sees that it is kept. */
export class Issued {
  readonly #options: IssuedOptions;
  #unsavedToken: string | null = null;
  #secret: string | null = null;
  #isSecretUnsaved = false;

  constructor(options: IssuedOptions) {
    this.#options = options;
  }

  /** True while something that was handed out is in memory only. */
  isUnsaved(): boolean {
    return this.#unsavedToken !== null || this.#isSecretUnsaved;
  }

  async adopt({ body }: Reply): Promise<void> {
    const token = this.#take(body.auth_token);
    if (token !== null) {
      this.#unsavedToken = token;
      this.#options.notify({ type: "token-adopted", token: redactToken(token) });
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
  async saveAgain(): Promise<void> {
    const token = this.#unsavedToken;
    // A token that was refused meanwhile must not replace what somebody else has stored.
    if (token !== null && (await this.#options.auth.getToken()) === token) await this.#saveToken(token);
    if (this.#isSecretUnsaved) await this.#saveSecret();
  }

  async #saveToken(token: string): Promise<void> {
    const { auth, notify } = this.#options;
    try {
      await auth.saveToken(token);
    } catch (error) {
      notify({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    this.#unsavedToken = null;
    notify({ type: "token-saved", location: (await tokenLocation(auth)) ?? "memory" });
  }

  async #saveSecret(): Promise<void> {
    const { openInboundSecret, notify } = this.#options;
    const secret = this.#secret;
    if (secret === null) return;
    const storage = openInboundSecret();
    try {
      if ((await readable(storage)) !== secret) await storage.write(secret);
    } catch (error) {
      notify({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    this.#isSecretUnsaved = false;
    notify({ type: "secret-saved", location: storage.location });
  }

  /** The text of a member, checked; `null` when there is none, or none that can be used. */
  #take(value: unknown): string | null {
    if (typeof value !== "string" || value.trim() === "") return null;
    try {
      return checkToken(value);
    } catch (error) {
      this.#options.notify({ type: "token-unusable", why: messageOf(error) });
      return null;
    }
  }
}

/** What is stored; `null` also when that cannot be read, and so has to be written again. */
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
