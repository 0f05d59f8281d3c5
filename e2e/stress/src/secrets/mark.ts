/** Common to the tokens of all tests, after the four characters that may be shown. */
export const MARK = ["s3", "cr3t"].join("");

/** These bytes put the mark into a token of 32 random bytes, as the platform issues them. */
export const MARK_AS_BYTES = Buffer.from(`-${MARK}-`, "base64url");
