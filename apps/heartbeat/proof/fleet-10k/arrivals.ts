/** The beats as the platform saw them arrive, read from what the emulator prints. */
export interface Arrivals {
  /** Takes a line of the emulator's. */
  read(line: string): void;
  /** Forgets what has arrived; the measurement begins. */
  begin(): void;
  /** Milliseconds, by how much each beat since then came later in its interval than that workspace's earliest did. */
  lateness(): number[];
  readonly counts: () => {
    readonly registrations: number;
    readonly beats: number;
    readonly refusals: number;
  };
}

/** `12:34:56.789  agent-7 beat: online` */
const LINE = /^(\d\d):(\d\d):(\d\d)\.(\d\d\d) {2}(\S+) (\S+)/;
const DAY_MS = 24 * 3_600_000;

export function createArrivals(intervalMs: number): Arrivals {
  const beats = new Map<string, number[]>();
  /** Registered, and the beat that follows at once, out of its turn, has not arrived yet. */
  const fresh = new Set<string>();
  const counts = { registrations: 0, beats: 0, refusals: 0 };
  let last = 0;

  function momentOf([, hours, minutes, seconds, milliseconds]: RegExpMatchArray): number {
    const ofDay =
      ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(milliseconds);
    const days = Math.floor(last / DAY_MS);
    // Past midnight the clock begins anew.
    last = days * DAY_MS + ofDay < last - DAY_MS / 2 ? (days + 1) * DAY_MS + ofDay : days * DAY_MS + ofDay;
    return last;
  }

  return {
    read(line) {
      const found = line.match(LINE);
      const [, , , , , id, what] = found ?? [];
      if (found === null || id === undefined) return;
      const moment = momentOf(found);
      if (what === "401") counts.refusals += 1;
      if (what?.startsWith("registered")) {
        counts.registrations += 1;
        fresh.add(id);
      }
      if (what !== "beat:") return;
      counts.beats += 1;
      if (fresh.delete(id)) return;
      const moments = beats.get(id);
      if (moments === undefined) beats.set(id, [moment]);
      else moments.push(moment);
    },
    begin() {
      beats.clear();
      Object.assign(counts, { beats: 0, refusals: 0 });
    },
    lateness: () => [...beats.values()].flatMap((moments) => latenessOf(moments, intervalMs)),
    counts: () => ({ ...counts }),
  };
}

/** A workspace's beats are a whole number of intervals apart; the earliest of them is taken for punctual. */
function latenessOf(moments: readonly number[], intervalMs: number): number[] {
  const [first = 0] = moments;
  const strays = moments.map((moment) => {
    const rounds = Math.round((moment - first) / intervalMs);
    return moment - first - rounds * intervalMs;
  });
  const earliest = Math.min(...strays);
  return strays.map((stray) => stray - earliest);
}
