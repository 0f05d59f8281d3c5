import { join } from "node:path";

export const TOKEN_FILE = ".auth_token";

/** Where a file is, before anything of it was looked at. */
export interface FileLocation {
  /** Absolute. */
  readonly configsDir: string;
  readonly fileName: string;
  /**
   * Set for a workspace of a list: a directory at or above `configsDir`. Between the two, and below `configsDir`,
   * nothing is taken that leads out of `configsDir`, where its neighbours are. `null`: the directory is nobody else's.
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
