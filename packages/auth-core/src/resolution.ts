import type { AuthError } from "./errors.ts";
import { redactToken } from "./token.ts";

/** The kinds of token source, in the order in which they are tried. */
export type SourceKind = "workspace" | "cache" | "unsaved" | "storage" | "fallback";

/** What a source held when it was read. */
export interface Candidate {
  readonly source: SourceKind;
  /** For people: a path, or the name of an environment variable. */
  readonly location: string;
  readonly token: string | null;
  /** Why the source or its content is unusable. */
  readonly error?: AuthError;
}

/** What is known about a platform's tokens. */
export interface Knowledge {
  /** How often each token was rejected; a token that is not listed never was. */
  readonly rejections: ReadonlyMap<string | null, number> | null;
  /** True if the token belongs to another platform. */
  isForeign(token: string | null): boolean;
}

/**
 * Picks the candidate rejected least often; among equals, the earliest. So unrejected tokens come first. When all
 * were rejected, as after an outage of the platform's token check, each is tried in turn. Never picks another
 * platform's token.
 */
export function choose(candidates: readonly Candidate[], known: Knowledge): Candidate | null {
  const count = ({ token }: Candidate) => known.rejections?.get(token) ?? 0;
  // The sort is stable.
  const [best = null] = candidates
    .filter(({ token }) => token && !known.isForeign(token))
    .sort((a, b) => count(a) - count(b));
  return best;
}

/** What a source holds, and whether it is used. Contains no secrets: `token` is shortened. */
export interface SourceReport {
  readonly source: SourceKind;
  readonly location: string;
  /**
   * `used`: the token comes from here. `shadowed`: another source comes first. `rejected`: skipped, because the
   * platform rejected the token. `other-platform`: skipped, because the token was first used for another platform.
   * `empty`: no token. `failed`: unreadable, or its content is not a token; see `reason`.
   */
  readonly state: "used" | "shadowed" | "rejected" | "other-platform" | "empty" | "failed";
  readonly token?: string;
  /** True when it holds the same token as the one used. */
  readonly sameAsUsed?: boolean;
  /** True if the used token was rejected, but there is no other. */
  readonly lastResort?: boolean;
  readonly reason?: string;
}

/** Which source the token comes from, and what every other source holds. */
export interface Explanation {
  readonly workspaceId: string | null;
  /** `null`: there is no token. */
  readonly used: SourceKind | null;
  readonly sources: readonly SourceReport[];
}

/** What is in memory (the workspace's own token, the cached one) comes first, and is used even if it was rejected. */
export function explain(
  workspaceId: string | null,
  candidates: readonly Candidate[],
  known: Knowledge,
): Explanation {
  const first = candidates.find(
    ({ source, token }) => token && (source === "workspace" || source === "cache"),
  );
  const used = choose(first ? [first] : candidates, known);
  const sources = candidates.map((candidate): SourceReport => {
    const { source, location, token, error } = candidate;
    const rejected = known.rejections?.has(token);
    const skipped = known.isForeign(token) ? "other-platform" : rejected ? "rejected" : "shadowed";
    const state = error ? "failed" : !token ? "empty" : candidate === used ? "used" : skipped;
    return {
      source,
      location,
      state,
      ...(error && { reason: error.message }),
      ...(token && { token: redactToken(token), sameAsUsed: token === used?.token }),
      ...(state === "used" && rejected && { lastResort: true }),
    };
  });
  return { workspaceId, used: used?.source ?? null, sources };
}
