/** Where the token is kept. */
export type Keep = "session" | "local" | "indexed-db";

/** As what this tab joins, and how. */
export interface Choice {
  readonly id: string;
  readonly keep: Keep;
  /** From one beat to the next. */
  readonly intervalMs: number;
}

/** In `sessionStorage`, whatever keeps the token: what was chosen is this tab's own, and outlives a reload. */
const KEY = "join-from-this-tab";

/** What was chosen in this tab; null when it has not joined, or the browser keeps nothing for it. */
export function readChoice(): Choice | null {
  try {
    const choice: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isChoice(choice) ? choice : null;
  } catch {
    return null;
  }
}

/** Keeps what was chosen, or with null forgets it. */
export function writeChoice(choice: Choice | null): void {
  try {
    if (choice) sessionStorage.setItem(KEY, JSON.stringify(choice));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then a reload ends the membership, and nothing else.
  }
}

/** An id that hardly any other tab has. */
export const freshId = () => `tab-${crypto.randomUUID().slice(0, 4)}`;

export function isKeep(value: unknown): value is Keep {
  return value === "session" || value === "local" || value === "indexed-db";
}

function isChoice(value: unknown): value is Choice {
  if (typeof value !== "object" || value === null) return false;
  const { id, keep, intervalMs }: { id?: unknown; keep?: unknown; intervalMs?: unknown } = value;
  return typeof id === "string" && isKeep(keep) && typeof intervalMs === "number" && intervalMs >= 1_000;
}
