import { AuthError } from "@x/auth-core";
import type { WorkspaceEvent } from "../workspace/events.ts";

/** Whether the platform has accepted a workspace: settles once. */
export class Readiness {
  /** Resolves when the platform accepts it; rejects when waiting does not help. Safe to ignore. */
  readonly promise: Promise<void>;
  readonly #hasToken: () => Promise<boolean>;
  #resolve = () => {};
  #reject = (_reason: unknown) => {};

  /** @param hasToken whether there is a token to send */
  constructor(hasToken: () => Promise<boolean>) {
    this.#hasToken = hasToken;
    this.promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => {});
  }

  observe(event: WorkspaceEvent): void {
    if (event.type === "registered" || event.type === "heartbeat") this.#resolve();
    else if (event.type === "removed") this.#reject(removed());
    else if (event.type === "failed" && event.action === "register") void this.#failed(event.failure);
  }

  /** No further events will come. */
  fail(reason: unknown): void {
    this.#reject(reason);
  }

  async #failed({ kind, code }: { readonly kind: string; readonly code: string }): Promise<void> {
    if (code === "WORKSPACE_REMOVED") this.#reject(removed());
    // Without a token, it waits for an operator to store one.
    else if ((kind === "unauthorized" || kind === "forbidden") && (await this.#hasToken().catch(() => false)))
      this.#reject(rejected());
  }
}

const removed = () =>
  new AuthError(
    "WORKSPACE_REMOVED",
    "The platform has removed this workspace; create it again there, and use its new id and token.",
  );

const rejected = () =>
  new AuthError(
    "TOKEN_REJECTED",
    "The platform rejects the workspace's token; store the right one. Heartbeats continue until stop().",
  );
