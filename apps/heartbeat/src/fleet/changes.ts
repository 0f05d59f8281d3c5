import type { WorkspaceConfig } from "../config/workspaces.ts";

/** The ids of the workspaces that a new list changed. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Continue at another platform, with that platform's token. */
  readonly moved: readonly string[];
  /** Have a different token in the list, and use it from their next request. */
  readonly rotated: readonly string[];
}

/** The steps that apply a new list. */
export interface ChangePlan {
  readonly changes: Changes;
  readonly ended: readonly string[];
  readonly started: readonly WorkspaceConfig[];
  readonly rotated: readonly WorkspaceConfig[];
}

/** Compares the current list with a new one. */
export function planChanges(
  current: readonly WorkspaceConfig[],
  wanted: readonly WorkspaceConfig[],
): ChangePlan {
  const before = new Map(current.map((config) => [config.id, config]));
  const after = new Set(wanted.map(({ id }) => id));
  const removed = current.filter(({ id }) => !after.has(id)).map(({ id }) => id);
  const added: WorkspaceConfig[] = [];
  const moved: WorkspaceConfig[] = [];
  const rotated: WorkspaceConfig[] = [];
  for (const config of wanted) {
    const known = before.get(config.id);
    if (known === undefined) added.push(config);
    else if (known.platformUrl !== config.platformUrl || known.ownPlatform !== config.ownPlatform)
      moved.push(config);
    else if (config.token !== undefined && config.token !== known.token) rotated.push(config);
  }
  const ids = (configs: readonly WorkspaceConfig[]) => configs.map(({ id }) => id);
  return {
    changes: { added: ids(added), removed, moved: ids(moved), rotated: ids(rotated) },
    ended: [...removed, ...ids(moved)],
    started: [...added, ...moved],
    rotated,
  };
}
