import type { SourceReport } from "@x/auth-core";

const VARIABLE = "MOLECULE_WORKSPACE_TOKEN";

/**
 * What people call a place that a token may be in. A list's token is handed to a workspace in the place of its variable,
 * though no variable holds it.
 *
 * @param location as the libraries name it; left out: the variable
 * @param isFleet true when the workspaces come from a list
 */
export function placeName(isFleet: boolean, location = VARIABLE): string {
  return isFleet && location === VARIABLE ? "the list of workspaces" : location;
}

/** A report of `auth.explain()`, with the place as people call it. */
export function withPlaceName(isFleet: boolean, report: SourceReport): SourceReport {
  return { ...report, location: placeName(isFleet, report.location) };
}
