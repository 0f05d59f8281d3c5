import type { Transport, TransportResponse } from "@x/platform-client";

/** Beyond this, clocks disagree: certificates, tokens and logs of the two sides no longer match. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

interface WatchClockOptions {
  /** Since 1970, in milliseconds. */
  readonly wall: () => number;
  /** Called with this machine's clock offset from the server's; negative when behind. At most once a second. */
  readonly onOffset: (ms: number) => void;
}

/** Compares this machine's clock with the `Date` of each answer (RFC 9110, section 6.6.1), except of cached ones. */
export function compareClocks({ wall, onOffset }: WatchClockOptions): (response: TransportResponse) => void {
  let last = "";
  return ({ headers }) => {
    const date = headers.get("date") ?? "";
    // `Date` has whole seconds.
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

/** Readable text: `ahead of the platform's by 12 min`. */
export function describeOffset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const long = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `${ms > 0 ? "ahead of" : "behind"} the platform's by ${long}`;
}
