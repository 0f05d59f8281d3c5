/** The heartbeats as the platform saw them arrive, read from what the emulator prints. */
export interface Arrivals {
  /** Takes a line of the emulator's. */
  read(line: string): void;
  /** Forgets what has arrived; the measurement begins. */
  begin(): void;
  /** Milliseconds, by how much each heartbeat since then came later in its interval than that workspace's earliest did. */
  lags(): number[];
  readonly counts: () => {
    readonly registrations: number;
    readonly heartbeats: number;
    readonly rejections: number;
  };
}

/** `12:34:56.789  agent-7 heartbeat: online` */
const LINE = /^(\d\d):(\d\d):(\d\d)\.(\d\d\d) {2}(\S+) (\S+)/;
const DAY_MS = 24 * 3_600_000;

export function createArrivals(intervalMs: number): Arrivals {
  const heartbeats = new Map<string, number[]>();
  /** Registered, and the heartbeat that follows at once, out of its turn, has not arrived yet. */
  const fresh = new Set<string>();
  const counts = { registrations: 0, heartbeats: 0, rejections: 0 };
  let last = 0;

  function momentOf([, hours, minutes, seconds, milliseconds]: RegExpMatchArray): number {
    const ofDay =
      ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(milliseconds);
    const days = Math.floor(last / DAY_MS);
    // Past midnight the clock starts over.
    last = days * DAY_MS + ofDay < last - DAY_MS / 2 ? (days + 1) * DAY_MS + ofDay : days * DAY_MS + ofDay;
    return last;
  }

  return {
    read(line) {
      const found = line.match(LINE);
      const [, , , , , id, what] = found ?? [];
      if (found === null || id === undefined) return;
      const moment = momentOf(found);
      if (what === "401") counts.rejections += 1;
      if (what?.startsWith("registered")) {
        counts.registrations += 1;
        fresh.add(id);
      }
      if (what?.endsWith("beat:") !== true) return;
      counts.heartbeats += 1;
      if (fresh.delete(id)) return;
      const moments = heartbeats.get(id);
      if (moments === undefined) heartbeats.set(id, [moment]);
      else moments.push(moment);
    },
    begin() {
      heartbeats.clear();
      Object.assign(counts, { heartbeats: 0, rejections: 0 });
    },
    lags: () => [...heartbeats.values()].flatMap((moments) => lagsOf(moments, intervalMs)),
    counts: () => ({ ...counts }),
  };
}

/** A workspace's heartbeats are a whole number of intervals apart; the earliest counts as on time. */
function lagsOf(moments: readonly number[], intervalMs: number): number[] {
  const [first = 0] = moments;
  const lags = moments.map((moment) => {
    const rounds = Math.round((moment - first) / intervalMs);
    return moment - first - rounds * intervalMs;
  });
  const earliest = Math.min(...lags);
  return lags.map((lag) => lag - earliest);
}
