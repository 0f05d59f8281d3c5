import { AuthError, isAuthError } from "@x/auth-core";
import type { LogMessage } from "../observability/log-message.ts";
import type { InboxMessage } from "../workspace/inbox/message.ts";
import type { Settings } from "./settings.ts";
import type { RunningStatus } from "./workspace-status.ts";

/** The worker thread's initial data. */
export interface ThreadData {
  readonly settings: Settings;
  readonly handlesMessages: boolean;
  /** The turns of the main thread's event loop. */
  readonly turns: Int32Array;
}

/** A serialized `AuthError` for passing between threads. */
export type PlainError = Pick<AuthError, "code" | "message">;

/** Messages from the worker thread. */
export type FromThread =
  | { readonly type: "log"; readonly entry: LogMessage }
  | { readonly type: "status"; readonly status: RunningStatus }
  | { readonly type: "ready" }
  /** `error` is `null` when it was stopped before it was ready. */
  | { readonly type: "not-ready"; readonly error: PlainError | null }
  | { readonly type: "message"; readonly id: number; readonly message: InboxMessage }
  /** The handler of this message must stop. */
  | { readonly type: "abort"; readonly id: number; readonly reason: string }
  | { readonly type: "stopped"; readonly error: PlainError | null };

/** Messages to the worker thread. */
export type ToThread =
  | { readonly type: "stop" }
  | { readonly type: "answer"; readonly id: number; readonly text: string | null }
  | { readonly type: "failed"; readonly id: number; readonly reason: string }
  | { readonly type: "line"; readonly id: number; readonly line: string };

/** Other errors are passed without details: their messages may quote a secret. */
export function toPlain(error: unknown): PlainError | null {
  return isAuthError(error) ? { code: error.code, message: error.message } : null;
}

export const fromPlain = ({ code, message }: PlainError): AuthError => new AuthError(code, message);
