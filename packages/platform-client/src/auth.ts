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
  /** What `authHeaders` gives, where no source has to be asked; else `null`. @default it is waited for */
  readonly authHeadersNow?: (workspaceId: string) => AuthHeaders | null;
};
