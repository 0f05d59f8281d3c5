/** `12:34:56.789  agent-7 heartbeat: online` */
const LINE = /^(\d\d):(\d\d):(\d\d)\.(\d\d\d) {2}(\S+) (\S+)/;
const DAY_MS = 24 * 3_600_000;

/** The heartbeats in the order the platform received them, parsed from the emulator's output. */
export function createArrivals(intervalMs: number) {
  const heartbeats = new Map<string, number[]>();
  /** Registered, but the heartbeat that immediately follows, outside of its phase, has not arrived yet. */
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
    /** Parses a line of the emulator's output. */
    read(line: string) {
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
    /** Discards earlier arrivals; the measurement begins. */
    begin() {
      heartbeats.clear();
      Object.assign(counts, { heartbeats: 0, rejections: 0 });
    },
    /**
     * For each later heartbeat, how much later in its interval it arrived than that workspace's earliest, in
     * milliseconds.
     */
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
