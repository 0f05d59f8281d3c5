declare const VERSION: string | undefined;

/** Of this package; set when it is built. */
export const version = typeof VERSION === "string" ? VERSION : "0.0.0-source";

/** As in `User-Agent` (RFC 9110, section 10.1.5). */
export const userAgent = `x-heartbeat/${version}`;
