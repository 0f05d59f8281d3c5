import type { PlatformState } from "./state.ts";
import type { Workspace } from "./workspace.ts";

/** The maximum number of ancestors to follow. */
const MAX_DEPTH = 32;

/** Whether one workspace may message another: itself, siblings, ancestors and descendants. */
export function canCommunicate(state: PlatformState, callerId: string, targetId: string): boolean {
  if (callerId === targetId) return true;
  const caller = state.get(callerId);
  const target = state.get(targetId);
  if (!caller || !target) return false;
  if (caller.parentId !== null && caller.parentId === target.parentId) return true;
  return isAncestor(state, caller, target) || isAncestor(state, target, caller);
}

/** The workspaces that a workspace may message, closest relatives first: siblings, children, parent. */
export function peersOf(state: PlatformState, { id, parentId }: Workspace): Workspace[] {
  const parent = parentId === null ? undefined : state.get(parentId);
  const siblings = parentId === null ? [] : state.childrenOf(parentId).filter((other) => other.id !== id);
  return [...siblings, ...state.childrenOf(id), ...(parent && parent.status !== "removed" ? [parent] : [])];
}

function isAncestor(state: PlatformState, ancestor: Workspace, workspace: Workspace): boolean {
  let { parentId } = workspace;
  for (let depth = 0; parentId !== null && depth < MAX_DEPTH; depth += 1) {
    if (parentId === ancestor.id) return true;
    parentId = state.get(parentId)?.parentId ?? null;
  }
  return false;
}
