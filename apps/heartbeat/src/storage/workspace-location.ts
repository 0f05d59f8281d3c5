import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "@x/auth-core";
import { configsDirOf, directoryOf, type Layout } from "./locations.ts";
import type { WorkspaceRef } from "./workspace-store.ts";

/** The settings that decide where a file store keeps its files. */
export interface StoreLocation {
  readonly configsDir: string | undefined;
  readonly env: Env;
  readonly layout: Layout;
}

/** The location of a workspace's token file, in the form that `@x/auth-node` takes. */
export interface TokenFileLocation {
  readonly env: Env;
  readonly platformUrl: string;
  readonly workspaceId: string;
  readonly configsDir?: string;
  readonly root?: string;
}

/**
 * For callers that inspect a workspace's token file without a store. A workspace of a list that is still in the first
 * layout is found there; the runner moves it.
 */
export async function tokenFileLocation(
  { configsDir, env, layout }: StoreLocation,
  ref: WorkspaceRef,
): Promise<TokenFileLocation> {
  const own = configsDir?.trim();
  const shared = { env, platformUrl: ref.platformOrigin, workspaceId: ref.workspaceId };
  if (layout === "single") return own ? { ...shared, configsDir: own } : shared;
  const place = { configsDir: own || env.CONFIGS_DIR, home: env.HOME };
  const root = configsDirOf(place);
  const directory = directoryOf({ root: place, layout, area: "workspaces", ...ref });
  const first = join(root, "workspaces", ref.workspaceId);
  const isThere = async (path: string) => (await lstat(path).catch(() => null))?.isDirectory() ?? false;
  const isFirstLayout = !(await isThere(directory)) && (await isThere(first));
  return { ...shared, configsDir: isFirstLayout ? first : directory, root };
}
