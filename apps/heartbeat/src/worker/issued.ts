import { type Auth, checkToken, redactToken, type TokenStorage } from "@x/auth-core";
import type { Reply } from "../platform/reply.ts";
import type { Notice } from "./notices.ts";

/** Takes what the platform hands out only once, from whatever answer carries it, and sees that it is kept. */
export interface Issued {
  adopt(reply: Reply): Promise<void>;
  /** Stores what could not be stored so far. */
  saveAgain(): Promise<void>;
  /** True while something that was handed out is in memory only. */
  isUnsaved(): boolean;
}

export interface IssuedOptions {
  readonly auth: Auth;
  /** Opens where the secret with which the platform calls the workspace is kept. Many never get one. */
  readonly openInboundSecret: () => TokenStorage;
  readonly notify: (notice: Notice) => void;
}

export function createIssued({ auth, openInboundSecret, notify }: IssuedOptions): Issued {
  let unsavedToken: string | null = null;
  let secret: string | null = null;
  let isSecretUnsaved = false;

  async function saveToken(token: string): Promise<void> {
    try {
      await auth.saveToken(token);
    } catch (error) {
      notify({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    unsavedToken = null;
    notify({ type: "token-saved", location: (await tokenLocation(auth)) ?? "memory" });
  }

  async function saveSecret(): Promise<void> {
    if (secret === null) return;
    const storage = openInboundSecret();
    try {
      if ((await readable(storage)) !== secret) await storage.write(secret);
    } catch (error) {
      notify({ type: "token-unsaved", why: messageOf(error) });
      return;
    }
    isSecretUnsaved = false;
    notify({ type: "secret-saved", location: storage.location });
  }

  /** The text of a member, checked; `null` when there is none, or none that can be used. */
  function take(value: unknown): string | null {
    if (typeof value !== "string" || value.trim() === "") return null;
    try {
      return checkToken(value);
    } catch (error) {
      notify({ type: "token-unusable", why: messageOf(error) });
      return null;
    }
  }

  return {
    isUnsaved: () => unsavedToken !== null || isSecretUnsaved,
    async adopt({ body }) {
      const token = take(body.auth_token);
      if (token !== null) {
        unsavedToken = token;
        notify({ type: "token-adopted", token: redactToken(token) });
        await saveToken(token);
      }
      const delivered = take(body.platform_inbound_secret);
      if (delivered !== null && delivered !== secret) {
        secret = delivered;
        isSecretUnsaved = true;
        await saveSecret();
      }
    },
    async saveAgain() {
      // A token that was refused meanwhile must not replace what somebody else has stored.
      if (unsavedToken !== null && (await auth.getToken()) === unsavedToken) await saveToken(unsavedToken);
      if (isSecretUnsaved) await saveSecret();
    },
  };
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
