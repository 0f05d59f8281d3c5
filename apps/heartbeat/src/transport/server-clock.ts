import type { Transport, TransportResponse } from "@x/platform-client";

/** From here on two clocks disagree: certificates, tokens and logs of the two sides no longer fit together. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

interface WatchClockOptions {
  /** Since 1970, in milliseconds. */
  readonly wall: () => number;
  /** Called with how far this machine's clock is ahead of the server's; behind is negative. At most once a second. */
  readonly onOffset: (ms: number) => void;
}

/** Compares this machine's clock with the `Date` of each answer (RFC 9110, section 6.6.1), but not of one from a cache. */
export function compareClocks({ wall, onOffset }: WatchClockOptions): (response: TransportResponse) => void {
  let last = "";
  return ({ headers }) => {
    const date = headers.get("date") ?? "";
    // It has whole seconds.
    if (date === last || date === "") return;
    last = date;
    const time = date.length < 64 ? Date.parse(date) : Number.NaN;
    const isFresh = !(Number(headers.get("age") ?? 0) > 0);
    if (isFresh && !Number.isNaN(time)) onOffset(wall() - time);
  };
}

/** A transport whose answers are compared. */
export function watchClock(transport: Transport, options: WatchClockOptions): Transport {
  const compare = compareClocks(options);
  const compared = (response: TransportResponse) => {
    compare(response);
    return response;
  };
  return { request: (request) => transport.request(request).then(compared) };
}

/** For people: `ahead of the platform's by 12 min`. */
export function describeOffset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const long = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `${ms > 0 ? "ahead of" : "behind"} the platform's by ${long}`;
}
