/** How many workspaces are kept; a new one evicts the oldest. */
export const MAX_WORKSPACES = 10_000;
/** How many bytes of JSON an agent card, or a heartbeat, may have; beyond it is a 413. */
export const MAX_PART_BYTES = 64 * 1024;
/** How long the URL of a workspace may be, in characters; beyond it is a 413. */
export const MAX_URL_LENGTH = 2_048;
/** How many requests are recorded, */
export const MAX_REQUESTS = 10_000;
/** and how many bytes of JSON they may have together: fewer requests are kept when they are large. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** How many issued tokens are recognised where they must not be shown; the newest. */
export const MAX_KNOWN_TOKENS = 100_000;
/** For how many addresses requests are counted. */
export const MAX_ADDRESSES = 10_000;
/** How many pages may follow the feed at once; beyond it is a 503. */
export const MAX_WATCHERS = 32;

/** How many bytes a value has as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}

/** Deletes the oldest entries of a set or a map until at most `max` are left. */
export function keepNewest(entries: Set<string> | Map<string, unknown>, max: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(key);
  }
}
