/** The token's storage. */
export type StorageKind = "session" | "local" | "indexed-db";

/** The workspace to join as, and the options. */
export interface JoinSettings {
  readonly id: string;
  readonly storageKind: StorageKind;
  /** The heartbeat interval. */
  readonly intervalMs: number;
}

/** In `sessionStorage`, regardless of the token's storage: the settings belong to this tab, and survive a reload. */
const KEY = "join-from-this-tab";

/** This tab's settings; null if it has not joined, or the browser denies storage. */
export function readSettings(): JoinSettings | null {
  try {
    const settings: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isSettings(settings) ? settings : null;
  } catch {
    return null;
  }
}

/** Stores the settings, or deletes them for null. */
export function writeSettings(settings: JoinSettings | null): void {
  try {
    if (settings) sessionStorage.setItem(KEY, JSON.stringify(settings));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage, the tab leaves on a reload.
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
