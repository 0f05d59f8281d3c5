import type { Auth, Explanation, SourceReport } from "@x/auth-core";
import { withPlaceName } from "../place-name.ts";
import { describeSource } from "../worker/log-lines.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** Which source the token comes from, what it shadows, and what cannot be read. */
export async function lookAtToken(auth: Auth, isFleet: boolean): Promise<Finding[]> {
  const { used, sources } = await auth.explain();
  // Nothing is cached in a process that has just begun, nor waits to be stored.
  const held = sources
    .filter(({ source }) => source === "storage" || source === "env")
    .map((report) => withPlaceName(isFleet, report));
  return [judgeChoice(used, held), ...held.flatMap(judgeSource)];
}

function judgeChoice(used: Explanation["used"], held: readonly SourceReport[]): Finding {
  const source = held.find((report) => report.source === used);
  if (source !== undefined) return ok("token", `from ${describeSource(source)}`);
  return note("token", "there is none; a workspace without one gets it when it registers");
}

function judgeSource(report: SourceReport): Finding[] {
  if (report.state === "failed") {
    const fix = `mend or remove it: ${report.location}`;
    return [problem("token source", describeSource(report), fix)];
  }
  if (report.state !== "shadowed" || report.sameAsUsed) return [];
  return [
    problem("token source", `${describeSource(report)} and different`, "remove the stale one of the two"),
  ];
}
