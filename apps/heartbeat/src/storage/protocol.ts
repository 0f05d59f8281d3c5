import { AuthError, type AuthErrorCode, isAuthError } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import type { WorkspaceRef } from "./workspace-store.ts";

/** Messages from the main thread: the next job, once the previous one is answered. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly args: unknown;
}

/** Messages from a file thread. */
export type Message =
  /** Its code has loaded. */
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly ref: WorkspaceRef; readonly event: FileStorageEvent }
  | Answer;

/** The result of a job. */
export type Answer =
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: PlainError }
  /** It was cancelled between two steps, and changed nothing afterwards. */
  | { readonly type: "cancelled"; readonly id: number };

/** A thread's initial data. `cancelled[0]` is 1 when its job must end at the next step. */
export interface ThreadData {
  readonly cancelled: Int32Array;
}

/** A serialized error: copying between threads would lose an error's fields. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  /** Present for an `AuthError`. */
  readonly authCode?: AuthErrorCode;
  /** As the file system reports it. */
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly cause?: PlainError;
}

export function toPlain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, cause } = error;
  const { code, errno, syscall }: NodeJS.ErrnoException = error;
  return {
    name,
    message,
    ...(isAuthError(error) && { authCode: error.code }),
    ...(typeof code === "string" && { code }),
    ...(typeof errno === "number" && { errno }),
    ...(typeof syscall === "string" && { syscall }),
    ...(cause instanceof Error && { cause: toPlain(cause) }),
  };
}

export function fromPlain({ message, authCode, cause, name, ...fields }: PlainError): Error {
  const options = cause === undefined ? {} : { cause: fromPlain(cause) };
  if (authCode !== undefined) return new AuthError(authCode, message, options);
  return Object.assign(new Error(message, options), { name }, fields);
}
