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
/** How many requests of each workspace the dashboard shows, also within `MAX_REQUEST_BYTES` together. */
export const MAX_WORKSPACE_REQUESTS = 20;
/** How many issued tokens are recognised where they must not be shown; the newest. */
export const MAX_KNOWN_TOKENS = 100_000;
/** How many of them are recognised in any spelling. */
export const MAX_REDACTED_TOKENS = 10_000;
/** How many bytes of JSON all agent cards together may have; beyond it the oldest workspaces go. */
export const MAX_CARD_BYTES = 128 * 1024 * 1024;
/** How many rows of activity are kept, */
export const MAX_ACTIVITY_ROWS = 50_000;
/** and how many bytes of JSON they may have together. */
export const MAX_ACTIVITY_BYTES = 64 * 1024 * 1024;
/** How many tokens of one workspace may be live; a new one revokes the oldest. */
export const MAX_LIVE_TOKENS = 100;
/** For how many organizations, bearers and addresses requests are counted. */
export const MAX_BUCKETS = 10_000;
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
