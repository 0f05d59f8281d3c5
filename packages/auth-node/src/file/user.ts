/** The user this process acts as; `undefined` where there are none (Windows). */
export function ourUid(): number | undefined {
  return process.geteuid?.();
}

/** Whether a group of this process is the file's. */
export function isOurGroup(gid: number): boolean {
  return process.getegid?.() === gid || (process.getgroups?.().includes(gid) ?? false);
}
