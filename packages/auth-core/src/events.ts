import type { AuthError } from "./errors.ts";

/**
 * What happened, for logs and metrics. Contains no secrets: a token is shown as its first four characters and its
 * length, or as its length alone if shorter than 16 characters.
 */
export type AuthEvent =
  /** `saveToken` succeeded. `written: false`: the same token was already stored. */
  | { type: "token-saved"; location: string; token: string; written: boolean }
  /** `saveToken` could not store the token; it stays usable in memory. */
  | { type: "save-failed"; location: string; token: string; error: AuthError }
  /** A received token was not stored, because the one that is stored may be newer. It stays usable in memory. */
  | { type: "save-conflict"; location: string; token: string; error: AuthError }
  /** `rejectToken`: the platform rejected this token. */
  | { type: "token-rejected"; token: string }
  /** A registered workspace received a different token. */
  | { type: "token-rotated"; workspaceId: string; before: string; after: string }
  /** The storage and a fallback hold different tokens; emitted once per pair. */
  | {
      type: "sources-disagree";
      location: string;
      stored: string;
      fallbackLocation: string;
      fallback: string;
    }
  /** A source cannot be read in time, or does not hold a valid token. The next source is used instead. */
  | { type: "source-failed"; source: "storage" | "fallback"; location: string; error: AuthError }
  /** `watch`: the stored token has changed; it is read again when next needed. */
  | { type: "storage-changed"; location: string };

export type AuthEventListener = (event: AuthEvent) => void;
