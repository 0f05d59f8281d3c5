/** The effective user id of this process; `undefined` without user ids (Windows). */
export function ourUid(): number | undefined {
  return process.geteuid?.();
}

/** Whether this process belongs to a group. */
export function isOurGroup(gid: number): boolean {
  return process.getegid?.() === gid || (process.getgroups?.().includes(gid) ?? false);
}
