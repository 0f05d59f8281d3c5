import { createHash } from "node:crypto";

/** As the platform issues them; longer than one read of most programs; the longest that is accepted. */
const LENGTHS = [43, 1_500, 16_384];

/** Where a mistake within a page must not go unnoticed: all of them within one. */
export type Sizes = "all" | "within a page";

/**
 * The token number `n`. Anyone can tell from the text alone whether it is whole: its number stands in front, and all
 * the rest follows from that. Two tokens in a row differ in length.
 */
export function tokenOf(n: number, sizes: Sizes = "all"): string {
  const length = LENGTHS[n % (sizes === "all" ? 3 : 2)] ?? 43;
  const fill = `s3cr3t-${createHash("sha256").update(String(n)).digest("base64url")}`;
  return `${n}.${fill.repeat(Math.ceil(length / fill.length))}`.slice(0, length);
}

/** What was found where a token should be. */
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
