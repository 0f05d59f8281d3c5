import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,127}$/;

/**
 * Checks an id that will stand in a header and in a URL's path.
 *
 * @param id white space around it is trimmed
 * @returns the id: 1 to 128 of `a-z`, `0-9` and `-`, not beginning with `-`
 * @throws AuthError `WORKSPACE_ID_INVALID`; the id is not in the message, it may be a secret in the wrong place
 * @example
 * validateWorkspaceId(" agent-7 "); // "agent-7"
 */
export function validateWorkspaceId(id: string): string {
  const trimmed = cleanText(id);
  if (trimmed && WORKSPACE_ID.test(trimmed)) return trimmed;
  throw new AuthError("WORKSPACE_ID_INVALID", `The workspace id must match ${WORKSPACE_ID.source}.`);
}
