import type { AuthError, Awaitable } from "@x/auth-core";

/** The routes whose responses may contain a new token or secret. */
export type IssuingRoute = "register" | "heartbeat" | "rotate" | "mint";

/** Credentials in a response. The platform sends a token only once; it cannot be fetched again. */
export interface Issued {
  readonly workspaceId: string;
  /** The audience: the only platform that these are for. */
  readonly platformOrigin: string;
  readonly route: IssuingRoute;
  /** A new token, checked. */
  readonly token?: string;
  /** The secret that the platform sends when it calls the workspace. In the response to every heartbeat. */
  readonly inboundSecret?: string;
  /** The bearer token of the request; `null`: none. */
  readonly sentWith: string | null;
}

/** Stores received credentials; rejects if they could not be stored. */
export type OnIssued = (issued: Issued) => Awaitable<void>;

/** What happened to a token in a response. */
export interface Receipt {
  /** The response contained a new token. */
  readonly tokenReceived: boolean;
  /** Why it was not stored. The `Auth` still uses it from memory, unless `code` is `TOKEN_INVALID`. */
  readonly unsaved?: AuthError;
}
