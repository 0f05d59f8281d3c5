import { type Clock, elapsedMs, type Moment, momentOf } from "../clock.ts";
import type { MemberView } from "../fleet/fleet.ts";
import type { Pace } from "../worker/delays.ts";
import type { Notice } from "../worker/notices.ts";
import { countByState, countUnsaved } from "./states.ts";

/** What `/health` answers. */
interface HealthReport {
  /** `failing`: no beat was accepted for longer than a platform waits for one, or no workspace is left over there. */
  readonly status: "ok" | "failing";
  readonly workspaces: { readonly total: number; readonly [state: string]: number };
  readonly unsaved_tokens: number;
  /** Since any workspace's last accepted beat; `null` before the first. */
  readonly last_accepted_beat_seconds: number | null;
}

export interface Health {
  observe(notice: Notice): void;
  report(): HealthReport;
}

export interface HealthOptions {
  readonly members: () => readonly MemberView[];
  readonly clock: Clock;
  readonly pace: Pace;
}

/**
 * The fleet as a whole. The start counts as a sign of life, and so does a look at it while it is empty, so that first
 * beats have their time.
 */
export function createHealth({ members, clock, pace }: HealthOptions): Health {
  const patienceMs = Math.max(pace.livenessMs, 1.5 * pace.intervalMs);
  let lastBeat: Moment | null = null;
  let lastSign = momentOf(clock);
  return {
    observe({ type }) {
      if (type !== "beat") return;
      lastBeat = momentOf(clock);
      lastSign = lastBeat;
    },
    report() {
      const views = members();
      const counts = countByState(views);
      // Their beats are accepted, and mean nothing.
      const allRemoved = counts.removed === views.length;
      const now = momentOf(clock);
      if (views.length === 0) lastSign = now;
      const silentMs = elapsedMs(lastSign, now);
      return {
        status: views.length > 0 && (silentMs > patienceMs || allRemoved) ? "failing" : "ok",
        workspaces: { total: views.length, ...counts },
        unsaved_tokens: countUnsaved(views),
        last_accepted_beat_seconds:
          lastBeat === null ? null : Math.round(elapsedMs(lastBeat, now) / 100) / 10,
      };
    },
  };
}
