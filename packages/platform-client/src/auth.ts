import type { Auth } from "@x/auth-core";

/** What the client needs of an `Auth`. */
export type ClientAuth = Pick<
  Auth,
  | "authHeaders"
  | "selfSourceHeaders"
  | "recover"
  | "saveToken"
  | "getWorkspaceToken"
  | "registerWorkspaceToken"
  | "platformOrigin"
>;
