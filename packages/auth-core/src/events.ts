import type { AuthError } from "./errors.ts";

/**
 * What happened, for a log or a metric. Nothing in it is a secret: a token appears as its first four characters
 * and its length, and one shorter than 16 characters not even so.
 */
export type AuthEvent =
  /** `saveToken` stored the token. `written: false`: that very token was stored already. */
  | { type: "token-saved"; location: string; token: string; written: boolean }
  /** `saveToken` could not store the token; it stays usable in memory. */
  | { type: "save-failed"; location: string; token: string; error: AuthError }
  /** A received token was not stored, because the one that is stored may be newer. It stays usable in memory. */
  | { type: "save-conflict"; location: string; token: string; error: AuthError }
  /** `rejectToken`: the platform does not accept this token. */
  | { type: "token-rejected"; token: string }
  /** A registered workspace got another token. */
  | { type: "token-rotated"; workspaceId: string; before: string; after: string }
  /** The storage and a fallback hold different tokens; emitted once for each pair. */
  | {
      type: "sources-disagree";
      location: string;
      stored: string;
      fallbackLocation: string;
      fallback: string;
    }
  /** A source cannot be read in time, or holds what is not a token. The next source is asked instead. */
  | { type: "source-failed"; source: "storage" | "fallback"; location: string; error: AuthError }
  /** `watch`: what is stored has changed; it is read again when next needed. */
  | { type: "storage-changed"; location: string };

export type Emit = (event: AuthEvent) => void;

/** A listener that throws must not undo what it was told about. */
export function createEmit(listener: ((event: AuthEvent) => void) | undefined): Emit {
  return async (event) => {
    try {
      // Awaited for the sake of an async listener: its rejection must not end the process.
      await listener?.(event);
    } catch {
      // It is the listener's own failure, and there is nobody to tell.
    }
  };
}
