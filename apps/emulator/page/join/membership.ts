import { createBrowserAuth, indexedDbTokenStorage, oneTabAtATime, webTokenStorage } from "@x/auth-browser";
import {
  createAuthFetch,
  type Fetch,
  isAuthError,
  memoryTokenStorage,
  redactToken,
  type TokenStorage,
} from "@x/auth-core";
import { textIn } from "../json.ts";
import type { Choice, Keep } from "./choice.ts";
import { outcomeOf, type Reply, registration, request, signOfLife } from "./requests.ts";
import type { Membership } from "./runner.ts";

/** What is known of the token, without the token. */
export interface Holding {
  /** Shortened; null when there is none. */
  readonly token: string | null;
  /** Why the token is in memory only; null when it is not. */
  readonly unsaved: string | null;
}

export interface TabMembership extends Membership {
  holding(): Promise<Holding>;
  /** Stops following other tabs. */
  close(): void;
}

const platformUrl = location.origin;

/** This tab as a workspace: its token, and what it asks of the platform that the page came from. */
export function createMembership({ id, keep }: Choice): TabMembership {
  const auth = createBrowserAuth({ storage: tokenStorage(id, keep), platformUrl });
  const close = auth.watch();
  const signed = createAuthFetch(auth);
  let unsaved: { readonly token: string; readonly why: string } | null = null;
  let needsUrl = false;

  /** A token that came with an answer is kept before anything else happens: nobody gets it a second time. */
  async function adopt(token: string | null): Promise<void> {
    if (token === null) return;
    try {
      await auth.saveToken(token);
      unsaved = null;
    } catch (failure) {
      unsaved = { token, why: isAuthError(failure) ? failure.message : "The token could not be kept." };
    }
  }

  /** What could not be kept so far, unless another token is in use by now. */
  async function saveAgain(): Promise<void> {
    if (unsaved === null) return;
    if ((await auth.getToken()) === unsaved.token) await adopt(unsaved.token);
    else unsaved = null;
  }

  async function register(send: Fetch): Promise<Reply> {
    const reply = await request(send, "/registry/register", registration(id, needsUrl));
    if (reply.status !== 400 || needsUrl) return reply;
    needsUrl = true;
    return register(send);
  }

  return {
    close,
    register: () =>
      // Of several tabs that find no token, one is issued one and the others find that.
      oneTabAtATime(
        auth,
        async () => {
          const reply = await register(signed);
          await adopt(textIn(reply.body, "auth_token"));
          return outcomeOf(reply);
        },
        { name: `join-from-this-tab ${id}` },
      ),
    async beat() {
      await saveAgain();
      const reply = await request(signed, "/registry/heartbeat", signOfLife(id));
      await adopt(textIn(reply.body, "auth_token"));
      if (reply.status !== 200) return outcomeOf(reply);
      // A beat is let through while no token is live. What a runtime asks for along with it never is.
      const { status } = await request(signed, `/workspaces/${id}/delegations`);
      return { kind: status === 401 ? "refused" : "accepted" };
    },
    async use(token) {
      // Signed by itself at first: a wrong one must not take the place of one that works.
      const trial = createBrowserAuth({ storage: memoryTokenStorage(token), platformUrl });
      const reply = await register(createAuthFetch(trial));
      if (reply.status === 200) await adopt(textIn(reply.body, "auth_token") ?? token);
      return outcomeOf(reply);
    },
    async isRemoved() {
      const { status, body } = await request((input, init) => fetch(input, init), `/workspaces/${id}`);
      return status === 410 || textIn(body, "status") === "removed";
    },
    async holding() {
      const token = await auth.getToken();
      return { token: token && redactToken(token), unsaved: unsaved?.why ?? null };
    },
  };
}

/** A place of its own for each workspace: its token opens no other one. */
function tokenStorage(id: string, keep: Keep): TokenStorage {
  if (keep === "indexed-db") return indexedDbTokenStorage({ database: "emulator-page", key: id });
  const storage = keep === "local" ? () => localStorage : () => sessionStorage;
  return webTokenStorage({ storage, key: `token of ${id}` });
}
