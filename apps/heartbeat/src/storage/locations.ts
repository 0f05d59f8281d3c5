import { join } from "node:path";
import { audienceDirName, resolveConfigsDir } from "@x/auth-node";
import { refKey, type WorkspaceRef } from "./workspace-store.ts";

/** A store's file layout: `list` keeps each workspace apart, `single` has one in the configs directory itself. */
export type Layout = "list" | "single";

/** The settings that decide where the configs directory is, at the time of a call. */
export interface ConfigsRoot {
  /** `CONFIGS_DIR`, or the explicit override. */
  readonly configsDir: string | undefined;
  /** `HOME`; blank and absent have different meanings. */
  readonly home: string | undefined;
}

/**
 * - `unsaved`: tokens that their own directory cannot store yet
 * - `rotations`: records of interrupted rotations
 */
export type Area = "workspaces" | "unsaved" | "rotations";

/** A workspace's directory. */
export interface Place extends WorkspaceRef {
  readonly root: ConfigsRoot;
  readonly layout: Layout;
  readonly area: Area;
}

/** The file names in a workspace's directory. */
export const TOKEN_FILE = ".auth_token";
export const INBOUND_SECRET_FILE = ".platform_inbound_secret";
export const ROTATION_FILE = ".rotation";
export const SPILL_BASIS_FILE = ".replaced_token";
export const RESULTS_FILE = "delegation_results.jsonl";
export const INBOX_FILE = "inbox.jsonl";
export const FAILED_MESSAGES_FILE = "failed_messages.jsonl";

/**
 * Reads the disk if no setting names the directory.
 *
 * @throws AuthError `STORAGE_READ_FAILED`
 */
export function configsDirOf({ configsDir, home }: ConfigsRoot): string {
  return resolveConfigsDir({ env: { CONFIGS_DIR: configsDir, HOME: home } }).path;
}

/** Relative to the configs directory; empty for that itself. */
export function pathBelow({ layout, area, platformOrigin, workspaceId }: Omit<Place, "root">): string {
  if (layout === "single" && area === "workspaces") return "";
  return join(area, audienceDirName(platformOrigin), workspaceId);
}

export function directoryIn(configsDir: string, place: Place): string {
  return join(configsDir, pathBelow(place));
}

export function directoryOf(place: Place): string {
  return directoryIn(configsDirOf(place.root), place);
}

/** The workspace of a directory below an area; `null` for names that `pathBelow` cannot produce. */
export function refOfDirectory(audience: string, workspaceId: string): WorkspaceRef | null {
  const [, scheme, host, port] = /^(https?)_(.+)_(\d{1,5})$/.exec(audience) ?? [];
  const url = `${scheme}://${host}:${port}`;
  if (host === undefined || !URL.canParse(url) || !/^[a-z0-9][a-z0-9-]{0,127}$/.test(workspaceId))
    return null;
  const platformOrigin = new URL(url).origin;
  return audienceDirName(platformOrigin) === audience ? { platformOrigin, workspaceId } : null;
}

/**
 * Identifies the lines of one workspace in an inbox file that several may share; `null`: the directory belongs to one.
 */
export const inboxOwner = (place: Place): string | null => (place.layout === "single" ? refKey(place) : null);
