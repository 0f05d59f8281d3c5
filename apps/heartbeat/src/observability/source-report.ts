import type { SourceReport } from "@x/auth-core";

/** One line about a source: what it held, and whether it was used. */
export function describeSource({ location, state, token, lastResort, reason }: SourceReport): string {
  const held = state === "failed" ? `failed: ${reason}` : state === "empty" ? "nothing" : (token ?? "");
  if (state === "rejected" || lastResort) return `${location}: ${held}, rejected`;
  if (state === "other-platform") return `${location}: ${held}, another platform's`;
  return `${location}: ${held}${state === "shadowed" ? ", shadowed" : ""}`;
}
