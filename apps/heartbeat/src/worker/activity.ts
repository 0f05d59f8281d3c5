/** What went well and what did not over the last minute, as the platform asks for it with every beat. */
export interface Activity {
  record(ok: boolean, why?: string): void;
  /** From 0 to 1; 0 when nothing happened. */
  errorRate(): number;
  /** The last failure's reason within the minute; empty when there was none. */
  sampleError(): string;
}

const WINDOW_MS = 60_000;

/** @param now milliseconds on a clock that never goes back */
export function createActivity(now: () => number): Activity {
  let entries: { at: number; ok: boolean; why: string }[] = [];
  const recent = () => {
    const since = now() - WINDOW_MS;
    if (entries[0] !== undefined && entries[0].at <= since) entries = entries.filter(({ at }) => at > since);
    return entries;
  };
  return {
    record(ok, why = "") {
      recent().push({ at: now(), ok, why });
    },
    errorRate() {
      const all = recent();
      return all.length === 0 ? 0 : all.filter(({ ok }) => !ok).length / all.length;
    },
    sampleError() {
      const failures = recent().filter(({ ok }) => !ok);
      return failures.at(-1)?.why ?? "";
    },
  };
}
