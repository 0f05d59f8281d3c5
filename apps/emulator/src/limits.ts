/** The maximum number of workspaces; a new one evicts the oldest. */
export const MAX_WORKSPACES = 10_000;
/** The maximum bytes of JSON in an agent card or a heartbeat; more is a 413. */
export const MAX_PART_BYTES = 64 * 1024;
/** The maximum length of a workspace's URL in characters; more is a 413. */
export const MAX_URL_LENGTH = 2_048;
/** The maximum number of recorded requests, */
export const MAX_REQUESTS = 10_000;
/** and their maximum bytes of JSON in total: large requests reduce the number. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** The number of requests per workspace on the dashboard, also within `MAX_REQUEST_BYTES` in total. */
export const MAX_WORKSPACE_REQUESTS = 20;
/** The number of issued tokens, the newest, that are recognised for redaction. */
export const MAX_KNOWN_TOKENS = 100_000;
/** The number of those that are recognised in any spelling. */
export const MAX_REDACTED_TOKENS = 10_000;
/** The maximum bytes of JSON in all agent cards together; beyond it the oldest workspaces are evicted. */
export const MAX_CARD_BYTES = 128 * 1024 * 1024;
/** The maximum number of activity rows, */
export const MAX_ACTIVITY_ROWS = 50_000;
/** and their maximum bytes of JSON in total. */
export const MAX_ACTIVITY_BYTES = 64 * 1024 * 1024;
/** The maximum number of live tokens per workspace; a new one revokes the oldest. */
export const MAX_LIVE_TOKENS = 100;
/** The maximum number of organizations, bearers and addresses in the rate limiter. */
export const MAX_BUCKETS = 10_000;
/** The maximum number of pages on the feed; more is a 503. */
export const MAX_WATCHERS = 32;

/** The size of a value as JSON, in bytes. */
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
