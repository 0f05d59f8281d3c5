import { join } from "node:path";

export const TOKEN_FILE = ".auth_token";
/** The secret with which the platform calls the workspace. */
export const INBOUND_SECRET_FILE = ".platform_inbound_secret";

/** A file's location, before any access. */
export interface FileLocation {
  /** Absolute. */
  readonly configsDir: string;
  readonly fileName: string;
  /**
   * Set for one of several workspaces: a directory at or above `configsDir`. Then no link may lead out of `configsDir`,
   * to another workspace's directory. `null`: the directory is not shared.
   */
  readonly root: string | null;
}

export function pathOf({ configsDir, fileName }: FileLocation): string {
  return join(configsDir, fileName);
}

/** Another file in the same directory. */
export function beside(location: FileLocation, fileName: string): FileLocation {
  return { ...location, fileName };
}
