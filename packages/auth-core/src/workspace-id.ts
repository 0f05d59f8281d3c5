import { AuthError } from "./errors.ts";
import { cleanText } from "./token.ts";

const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,127}$/;

/**
 * Checks an id that is used in a header and in URL paths.
 *
 * @param id surrounding white space is trimmed
 * @returns the id: 1 to 128 of `a-z`, `0-9` and `-`, not starting with `-`
 * @throws AuthError `WORKSPACE_ID_INVALID`; the message omits the id, which may be a misplaced secret
 * @example
 * validateWorkspaceId(" 0f8fad5b-d9cb-469f-a165-70867728950e "); // "0f8fad5b-d9cb-469f-a165-70867728950e"
 */
export function validateWorkspaceId(id: string): string {
  const trimmed = cleanText(id);
  if (trimmed && WORKSPACE_ID.test(trimmed)) return trimmed;
  throw new AuthError("WORKSPACE_ID_INVALID", `The workspace id must match ${WORKSPACE_ID.source}.`);
}
