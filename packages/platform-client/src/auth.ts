import type { Auth, AuthHeaders } from "@x/auth-core";

/** The parts of `Auth` that the client uses. */
export type ClientAuth = Pick<
  Auth,
  | "authHeaders"
  | "selfSourceHeaders"
  | "recover"
  | "saveToken"
  | "getWorkspaceToken"
  | "registerWorkspaceToken"
  | "platformOrigin"
> & {
  /** What `authHeaders` resolves with if no source must be read, else `null`. @default `authHeaders` is awaited */
  readonly authHeadersNow?: (workspaceId: string) => AuthHeaders | null;
};
