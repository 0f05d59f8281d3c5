import type { Auth } from "@x/auth-core";
import { type Clock, sleep } from "../../clock.ts";
import type { WorkspaceRef, WorkspaceStore } from "../../storage/workspace-store.ts";
import { Credentials } from "../credentials.ts";
import type { RotationPlatform } from "./platform.ts";
import { RotationEnd } from "./result.ts";

export interface NewTokenOptions {
  readonly auth: Auth;
  readonly ref: WorkspaceRef;
  readonly store: Pick<WorkspaceStore, "token" | "spill" | "inboundSecret">;
  readonly platform: RotationPlatform;
  readonly clock: Clock;
}

/** A full disk may be temporary. */
const MAX_RETRIES = 3;
const RETRY_MS = 500;

/** Stores the token that a rotation returns. */
export class NewToken {
  readonly #options: NewTokenOptions;
  readonly #credentials: Credentials;
  #message = "";

  constructor(options: NewTokenOptions) {
    this.#options = options;
    const { auth, ref, store } = options;
    this.#credentials = new Credentials({
      auth,
      ref,
      environment: { store },
      emit: (event) => {
        if (event.type === "token-unsaved") this.#message = event.message;
      },
    });
  }

  /** In the workspace's own storage, else next to the runner's state. Does not reject: the rest is up to `confirm`. */
  async store(
    token: string,
    { bearer, held }: { readonly bearer: string; readonly held: readonly string[] },
  ): Promise<void> {
    const { auth, ref } = this.#options;
    // The platform has revoked them, so each may be replaced, even one that is not the bearer.
    for (const dead of held) if (dead !== token) auth.rejectToken(dead);
    await this.#credentials.receive({
      ...ref,
      route: "rotate",
      token,
      sentWith: bearer,
    });
  }

  /**
   * Ensures that the platform accepts the token and that it is stored.
   *
   * @returns where it is stored
   * @throws RotationEnd
   */
  async confirm(token: string): Promise<string> {
    const { store, ref } = this.#options;
    const own = store.token(ref);
    if (!(await this.#platformAccepts(token))) {
      const message =
        "the platform does not accept the token that it has just issued; another one may have replaced it";
      throw new RotationEnd({ outcome: "failed", message });
    }
    for (let retries = 0; !(await this.#isStored(token)); retries += 1) {
      if (retries === MAX_RETRIES) throw this.#notStored();
      if (retries > 0) await sleep(this.#options.clock, RETRY_MS);
      await this.#save(token);
    }
    await this.#credentials.accepted(token);
    await this.#credentials.retryUnsaved();
    return own.location;
  }

  async #isStored(token: string): Promise<boolean> {
    const { store, ref } = this.#options;
    try {
      return (await store.token(ref).read()) === token;
    } catch {
      return false;
    }
  }

  /** While the only copy is in memory, no failed check may end the attempts to store it. */
  async #platformAccepts(token: string): Promise<boolean> {
    try {
      return await this.#options.platform.accepts(token);
    } catch (error) {
      if (this.#credentials.isUnsaved()) return true;
      throw error;
    }
  }

  /** The platform accepts it, so any other stored token is older. */
  async #save(token: string): Promise<void> {
    const { auth, ref } = this.#options;
    try {
      await auth.saveToken(token, { platformOrigin: ref.platformOrigin });
    } catch (error) {
      this.#message = error instanceof Error ? error.message : String(error);
    }
  }

  #notStored(): RotationEnd {
    const { store, ref } = this.#options;
    const message = this.#message;
    if (this.#credentials.isUnsaved()) return new RotationEnd({ outcome: "unsaved", message });
    const where = store.spill(ref).location;
    return new RotationEnd({ outcome: "failed", message: `${message} It is kept in ${where} until then` });
  }
}
