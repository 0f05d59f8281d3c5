declare const VERSION: string | undefined;

/** This package's version, set at build time. */
export const version = typeof VERSION === "string" ? VERSION : "0.0.0-source";
