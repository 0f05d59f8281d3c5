declare const VERSION: string | undefined;

/** This package's version, set at build time. */
export const version = typeof VERSION === "string" ? VERSION : "0.0.0-source";

/** As in `User-Agent` (RFC 9110, section 10.1.5). */
export const userAgent = `x-heartbeat/${version}`;
