import type { AuthError } from "./errors.ts";
import { redactToken } from "./token.ts";

/** Where a token can come from, in the order in which they are asked. */
export type SourceKind = "workspace" | "cache" | "unsaved" | "storage" | "fallback";

/** What one source held when it was asked. */
export interface Candidate {
  readonly source: SourceKind;
  /** For people: a path, the name of an environment variable. */
  readonly location: string;
  readonly token: string | null;
  /** Why what it holds cannot be used. */
  readonly error?: AuthError;
}

/** What is known of the tokens on the platform that they are wanted for. */
export interface Knowledge {
  /** How often each token was rejected; one that is not in it never was. */
  readonly rejections: ReadonlyMap<string, number> | null;
  /** True for a token of another platform. */
  isForeign(token: string): boolean;
}

/**
 * The candidate that is used: the one rejected least often, the earlier one among equals. So a token that was
 * never rejected goes before all that were. When all of them were, which also happens when the platform's own
 * check was down, each is tried in turn. A token of another platform is never chosen.
 */
export function choose(candidates: readonly Candidate[], known: Knowledge): Candidate | null {
  const count = ({ token }: Candidate) => known.rejections?.get(token ?? "") ?? 0;
  // Sorting keeps equals in their order.
  const [best = null] = candidates
    .filter(({ token }) => token && !known.isForeign(token))
    .sort((a, b) => count(a) - count(b));
  return best;
}

/** What one source held, and what became of it. Without secrets: `token` is shortened. */
export interface SourceReport {
  readonly source: SourceKind;
  readonly location: string;
  /**
   * `used`: the token comes from here. `shadowed`: another source goes before it. `rejected`: passed over, because
   * the platform rejected it. `other-platform`: passed over, because it was first used for another platform.
   * `empty`: nothing there. `failed`: cannot be read, or what is there is not a token; see `reason`.
   */
  readonly state: "used" | "shadowed" | "rejected" | "other-platform" | "empty" | "failed";
  readonly token?: string;
  /** True when it holds the same token as the one used. */
  readonly sameAsUsed?: boolean;
  /** True for a used token that was rejected: there is nothing better. */
  readonly lastResort?: boolean;
  readonly reason?: string;
}

/** Where the token comes from, and what every other source held. */
export interface Explanation {
  readonly workspaceId: string | null;
  /** `null`: there is no token. */
  readonly used: SourceKind | null;
  readonly sources: readonly SourceReport[];
}

export function explainChoice(
  workspaceId: string | null,
  candidates: readonly Candidate[],
  used: Candidate | null,
  known: Knowledge,
): Explanation {
  const sources = candidates.map((candidate): SourceReport => {
    const { source, location, token, error } = candidate;
    if (error) return { source, location, state: "failed", reason: error.message };
    if (!token) return { source, location, state: "empty" };
    const rejected = known.rejections?.has(token) ?? false;
    const held = { source, location, token: redactToken(token), sameAsUsed: token === used?.token };
    if (candidate === used) return { ...held, state: "used", ...(rejected && { lastResort: true }) };
    return { ...held, state: known.isForeign(token) ? "other-platform" : rejected ? "rejected" : "shadowed" };
  });
  return { workspaceId, used: used?.source ?? null, sources };
}
