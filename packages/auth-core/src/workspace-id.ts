import { AuthError } from "./errors.ts";

const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,127}$/;

/**
 * Checks an id that will stand in a header and in a URL's path.
 *
 * @param id white space around it is trimmed
 * @returns the id: 1 to 128 of `a-z`, `0-9` and `-`, not beginning with `-`
 * @throws AuthError `INVALID_WORKSPACE_ID`
 * @example
 * validateWorkspaceId(" agent-7 "); // "agent-7"
 */
export function validateWorkspaceId(id: string): string {
  const trimmed = typeof id === "string" ? id.trim() : "";
  if (WORKSPACE_ID.test(trimmed)) return trimmed;
  throw new AuthError("INVALID_WORKSPACE_ID", `The workspace id ${whatIsWrong(trimmed)}.`);
}

/** Names one character at most: what was passed for an id may be a secret in the wrong place. */
function whatIsWrong(id: string): string {
  if (id === "") return "is empty; give the id that the workspace was provisioned with";
  if (id.length > 128) return `has ${id.length} characters; at most 128 are accepted`;
  const position = id.startsWith("-") ? 0 : id.search(/[^a-z0-9-]/);
  const character = JSON.stringify(id[position]);
  return `has ${character} at position ${position + 1}; only a-z, 0-9 and "-" are accepted, and no "-" at its start`;
}
