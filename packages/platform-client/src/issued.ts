import type { AuthError, Awaitable } from "@x/auth-core";

/** The routes whose answers may issue something. */
export type IssuingRoute = "register" | "heartbeat" | "rotate" | "mint";

/** What an answer of the platform issued. A token is issued once and cannot be fetched again. */
export interface Issued {
  readonly workspaceId: string;
  /** The audience: what this is for, and for nothing else. */
  readonly platformOrigin: string;
  readonly route: IssuingRoute;
  /** A new token, checked. */
  readonly token?: string;
  /** The secret that the platform sends when it calls the workspace. In the answer to every heartbeat. */
  readonly inboundSecret?: string;
  /** The bearer of the request that was answered; `null`: none. */
  readonly sentWith: string | null;
}

/** Stores what was issued; a rejection means that it is not stored. */
export type OnIssued = (issued: Issued) => Awaitable<void>;

/** What became of a token in an answer. */
export interface Receipt {
  /** The answer held a new token. */
  readonly tokenReceived: boolean;
  /** Why it is not stored. The `Auth` keeps using it from memory, unless `code` is `TOKEN_INVALID`. */
  readonly unsaved?: AuthError;
}
