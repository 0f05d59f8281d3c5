import type { PlatformFailure, TokenInfo } from "@x/platform-client";

/** The result of a rotation. Contains no token. */
export type RotationResult =
  /** The new token is stored, the platform accepts it, and the old ones are revoked. */
  | {
      readonly outcome: "rotated";
      /** Where the new token is stored. */
      readonly location: string;
      /** An earlier run had started it. */
      readonly isResumed: boolean;
      /** The location of a further source that holds a different token. @default none */
      readonly staleSource?: string;
    }
  /** Nothing has changed, and nothing will until the blocking tokens are removed. */
  | { readonly outcome: "rejected"; readonly reason: Rejection }
  /** It did not finish. Running it again is safe and resumes it. */
  | { readonly outcome: "failed"; readonly message: string; readonly failure?: PlatformFailure }
  /** The platform accepts no known token and issues none: an operator has to issue one. */
  | { readonly outcome: "locked_out" }
  /** The new token is only in memory, and lost with this process. */
  | { readonly outcome: "unsaved"; readonly message: string };

/** Why nothing was rotated. */
export type Rejection =
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
