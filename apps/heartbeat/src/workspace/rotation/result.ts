import type { PlatformFailure, TokenInfo } from "@x/platform-client";

/** What became of a rotation. Holds no token. */
export type RotationResult =
  /** The new token is stored, the platform accepts it, and the old ones are revoked. */
  | {
      readonly outcome: "rotated";
      /** Where the new token is stored. */
      readonly location: string;
      /** An earlier run had begun it. */
      readonly isResumed: boolean;
      /** A further source, which holds another token: where that is. @default none */
      readonly staleSource?: string;
    }
  /** Nothing has changed, and nothing will until what is in the way is removed. */
  | { readonly outcome: "refused"; readonly reason: Refusal }
  /** It did not come to its end. Running it again is safe, and resumes it. */
  | { readonly outcome: "failed"; readonly message: string; readonly failure?: PlatformFailure }
  /** The platform accepts no token that is known here, and gives none: an operator has to issue one. */
  | { readonly outcome: "locked_out" }
  /** The new token is in memory only, and lost with this process. */
  | { readonly outcome: "unsaved"; readonly message: string };

/** Why nothing was rotated. */
export type Refusal =
  /** No new token could be stored. */
  | { readonly why: "storage"; readonly message: string }
  | { readonly why: "no_token" }
  | { readonly why: "not_external"; readonly failure: PlatformFailure }
  /** Live tokens that others may use, and that the rotation would revoke. */
  | { readonly why: "other_tokens"; readonly tokens: readonly TokenInfo[]; readonly now: number };

/** Ends a rotation from within. */
export class RotationEnd extends Error {
  constructor(readonly result: RotationResult) {
    super(result.outcome);
  }
}

export const failedWith = (failure: PlatformFailure): RotationEnd =>
  new RotationEnd({ outcome: "failed", message: failure.message, failure });
