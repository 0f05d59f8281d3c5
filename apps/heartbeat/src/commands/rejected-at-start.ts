import type { Env } from "@x/auth-core";
import type { Config, Flags } from "../config/config.ts";
import { openAuth } from "../fleet/workspace-auth.ts";
import type { WorkspaceStore } from "../storage/workspace-store.ts";
import type { WorkspaceEvent } from "../workspace/events.ts";

interface RejectedAtStartOptions {
  /** Whether there is a token to send. */
  readonly hasToken: () => Promise<boolean>;
}

/**
 * Finds out whether the platform rejects a single workspace's token when the runner starts: then the configured token
 * is wrong, and waiting does not help.
 */
export class RejectedAtStart {
  readonly #hasToken: () => Promise<boolean>;
  readonly #rejected = new AbortController();
  #isStarted = false;

  constructor({ hasToken }: RejectedAtStartOptions) {
    this.#hasToken = hasToken;
  }

  /** Aborts when it is rejected. */
  get signal(): AbortSignal {
    return this.#rejected.signal;
  }

  observe(event: WorkspaceEvent): void {
    if (event.type === "registered" || event.type === "heartbeat") this.#isStarted = true;
    if (this.#isStarted || event.type !== "failed" || event.action !== "register") return;
    const { kind } = event.failure;
    if (kind !== "unauthorized" && kind !== "forbidden") return;
    this.#isStarted = true;
    void this.#hasToken().then((hasToken) => {
      if (hasToken) this.#rejected.abort();
    });
  }
}

interface StartOptions {
  readonly flags: Flags;
  readonly env: Env;
  readonly store: WorkspaceStore;
}

/**
 * Only for a single workspace with a token: in a list the others continue, and without a token an operator has yet to
 * store one.
 */
export function watchStart(
  { workspaces, isFleet }: Config,
  { flags, env, store }: StartOptions,
): RejectedAtStart | null {
  const [only] = workspaces;
  if (isFleet || flags.waitForToken === true || only === undefined) return null;
  const auth = openAuth(only, { store, env, onAuthEvent() {} });
  return new RejectedAtStart({ hasToken: async () => (await auth.getToken()) !== null });
}
