/**
 * - `ok`: success
 * - `problem`: a problem was found; for a message, it was certainly not delivered
 * - `usage`: the configuration or the command line cannot be used
 * - `rejected`: the platform rejected the only workspace, or its token, at the start
 * - `unsaved`: a token that the platform issued is lost when this process exits
 * - `operator`: the platform accepts none of the known tokens, and an operator has to issue one
 * - `unknown`: a message may have been delivered
 * - `answered`: a message was delivered, and the receiver answered with an error
 */
export const EXIT = {
  ok: 0,
  problem: 1,
  usage: 2,
  rejected: 3,
  unsaved: 4,
  operator: 5,
  unknown: 6,
  answered: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
