/** Where the token is stored. */
export type StorageKind = "session" | "local" | "indexed-db";

/** The workspace that this tab joins as, and how. */
export interface JoinSettings {
  readonly id: string;
  readonly storageKind: StorageKind;
  /** From one heartbeat to the next. */
  readonly intervalMs: number;
}

/** In `sessionStorage`, whatever keeps the token: what was chosen is this tab's own, and outlives a reload. */
const KEY = "join-from-this-tab";

/** What was chosen in this tab; null when it has not joined, or the browser keeps nothing for it. */
export function readSettings(): JoinSettings | null {
  try {
    const settings: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isSettings(settings) ? settings : null;
  } catch {
    return null;
  }
}

/** Keeps what was chosen, or with null forgets it. */
export function writeSettings(settings: JoinSettings | null): void {
  try {
    if (settings) sessionStorage.setItem(KEY, JSON.stringify(settings));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then only a reload ends it.
  }
}

/** An id that no other tab has. */
export const freshId = () => crypto.randomUUID();

export function isStorageKind(value: unknown): value is StorageKind {
  return value === "session" || value === "local" || value === "indexed-db";
}

function isSettings(value: unknown): value is JoinSettings {
  if (typeof value !== "object" || value === null) return false;
  const { id, storageKind, intervalMs }: { id?: unknown; storageKind?: unknown; intervalMs?: unknown } =
    value;
  return (
    typeof id === "string" &&
    isStorageKind(storageKind) &&
    typeof intervalMs === "number" &&
    intervalMs >= 1_000
  );
}
