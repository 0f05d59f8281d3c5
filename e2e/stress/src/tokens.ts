import { createHash } from "node:crypto";

/** The platform's length; longer than a typical read buffer; the maximum. */
const LENGTHS = [43, 1_500, 16_384];

/** For files written in place in one step: all of them within a page. */
export type Sizes = "all" | "within a page";

/**
 * Token number `n`. Its integrity can be checked from the text alone: it starts with its number, which together with
 * the length determines the rest, so that a long token cut to the length of a short one is detected. Consecutive tokens
 * differ in length.
 */
export function tokenOf(n: number, sizes: Sizes = "all"): string {
  const length = LENGTHS[n % (sizes === "all" ? 3 : 2)] ?? 43;
  const fill = `s3cr3t-${createHash("sha256").update(`${n}/${length}`).digest("base64url")}`;
  return `${n}.${fill.repeat(Math.ceil(length / fill.length))}`.slice(0, length);
}

/** The content found instead of a token. */
export type Content = { kind: "whole"; n: number } | { kind: "empty" | "torn" | "missing" };

/** @param text `null`: there is no file */
export function classify(text: string | null): Content {
  if (text === null) return { kind: "missing" };
  const token = text.trim();
  if (token === "") return { kind: "empty" };
  const n = Number.parseInt(token, 10);
  const whole = tokenOf(n) === token || tokenOf(n, "within a page") === token;
  return whole ? { kind: "whole", n } : { kind: "torn" };
}
