import type { AuthError } from "./errors.ts";
import { redactToken } from "./token.ts";

/** Where a token can come from, in the order in which they are asked. */
export type SourceKind = "workspace" | "cache" | "unsaved" | "storage" | "env";

/** What one source held when it was asked. */
export interface Candidate {
  readonly source: SourceKind;
  /** For people: a path, the name of a variable. */
  readonly location: string;
  readonly token: string | null;
  /** Why what it holds cannot be used. */
  readonly error?: AuthError;
}

/** How often each token was rejected; one that is not in it never was. */
export type Rejections = ReadonlyMap<string, number>;

/**
 * The candidate that is used: the one rejected least often, the earlier one among equals. So a token that was
 * never rejected goes before all that were; and when all of them were, which also happens when the platform's own
 * check was down, each gets another try in its turn instead of the first one for ever.
 */
export function choose(candidates: readonly Candidate[], rejections: Rejections): Candidate | null {
  const count = ({ token }: Candidate) => rejections.get(token ?? "") ?? 0;
  // Sorting keeps equals in their order.
  const [best = null] = candidates.filter(({ token }) => token).sort((a, b) => count(a) - count(b));
  return best;
}

/** What one source held, and what became of it. Without secrets: `token` is shortened. */
export interface SourceReport {
  readonly source: SourceKind;
  readonly location: string;
  /**
   * `used`: the token comes from here. `shadowed`: another source goes before it. `rejected`: passed over, because
   * the platform refused it. `empty`: nothing there. `failed`: something is there, but of no use; see `reason`.
   */
  readonly state: "used" | "shadowed" | "rejected" | "empty" | "failed";
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
  rejections: Rejections,
): Explanation {
  const sources = candidates.map((candidate): SourceReport => {
    const { token, error } = candidate;
    const source = { source: candidate.source, location: candidate.location };
    if (error) return { ...source, state: "failed", reason: error.message };
    if (!token) return { ...source, state: "empty" };
    const rejected = rejections.has(token);
    const held = { ...source, token: redactToken(token), sameAsUsed: token === used?.token };
    if (candidate === used) return { ...held, state: "used", ...(rejected && { lastResort: true }) };
    return { ...held, state: rejected ? "rejected" : "shadowed" };
  });
  return { workspaceId, used: used?.source ?? null, sources };
}
