import type { SourceReport } from "@x/auth-core";

const VARIABLE = "MOLECULE_WORKSPACE_TOKEN";

/**
 * The name of a token source, for people. A token from the list reaches its workspace as its environment variable, though
 * no environment variable holds it.
 *
 * @param location as the libraries name it; default: the environment variable
 * @param isFleet true when the workspaces come from a list
 */
export function sourceName(isFleet: boolean, location = VARIABLE): string {
  return isFleet && location === VARIABLE ? "the list of workspaces" : location;
}

/** A report of `auth.explain()`, with the name of its source for people. */
export function withSourceName(isFleet: boolean, report: SourceReport): SourceReport {
  return { ...report, location: sourceName(isFleet, report.location) };
}

/** One source in a line: what it held, and whether it was used. */
export function describeSource({ location, state, token, lastResort, reason }: SourceReport): string {
  const held = state === "failed" ? `failed: ${reason}` : state === "empty" ? "nothing" : (token ?? "");
  const fate = state === "rejected" || lastResort ? ", rejected" : state === "shadowed" ? ", shadowed" : "";
  return `${location}: ${held}${fate}`;
}
