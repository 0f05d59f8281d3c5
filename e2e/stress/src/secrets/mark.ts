/** What the tokens of all tests have in common, after the four characters that may be shown. */
export const MARK = ["s3", "cr3t"].join("");

/** A token of 32 random bytes, as the platform issues them, gets the mark by these bytes. */
export const MARK_AS_BYTES = Buffer.from(`-${MARK}-`, "base64url");
