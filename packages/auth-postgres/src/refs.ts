import { type AccessOptions, platformOrigin, validateWorkspaceId } from "@x/auth-core";
import { ownProperties } from "./own.ts";
import type { RowKey } from "./seal.ts";

/** Identifies a workspace: its id is unique only within its platform. */
export interface StoreRef {
  /** The platform's base URL, or its origin. */
  readonly platformUrl: string;
  readonly workspaceId: string;
}

/** `auth`: the workspace's token; `inbound`: the secret that the platform sends when it calls the workspace. */
export type SecretKind = "auth" | "inbound";

/** @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID` */
export function rowKey({ platformUrl, workspaceId }: StoreRef, kind: SecretKind): RowKey {
  return { platform: platformOrigin(platformUrl), id: validateWorkspaceId(workspaceId), kind };
}

/** A call's platform overrides the storage's own: a token is read and written for one platform only. */
export function rowKeyFor(key: RowKey, options: AccessOptions | undefined): RowKey {
  const { platformOrigin: origin } = ownProperties(options ?? {});
  return origin === undefined ? key : { ...key, platform: platformOrigin(origin) };
}

/** A unique name of a key: no part contains a space. */
export const rowName = ({ platform, id, kind }: RowKey): string => `${kind} ${platform} ${id}`;
