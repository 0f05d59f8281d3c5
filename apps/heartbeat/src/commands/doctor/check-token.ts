import type { Auth, Explanation, SourceReport } from "@x/auth-core";
import { describeSource } from "../../observability/source-report.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** Checks which source the token comes from, what it shadows, and what cannot be read. */
export async function checkTokenSources(auth: Auth): Promise<Finding[]> {
  const { used, sources } = await auth.explain();
  // Nothing is cached in a process that has just begun, nor waits to be stored.
  const held = sources.filter(({ source }) => source === "storage" || source === "fallback");
  return [choiceFinding(used, held), ...held.flatMap(sourceFindings)];
}

function choiceFinding(used: Explanation["used"], held: readonly SourceReport[]): Finding {
  const source = held.find((report) => report.source === used);
  if (source !== undefined) return ok("token", `from ${describeSource(source)}`);
  return note("token", "there is none yet; the workspace gets one when it registers");
}

function sourceFindings(report: SourceReport): Finding[] {
  if (report.state === "failed") {
    return [problem("token source", describeSource(report), `Fix or remove it: ${report.location}.`)];
  }
  if (report.state !== "shadowed" || report.sameAsUsed) return [];
  return [
    problem("token source", `${describeSource(report)} and different`, "Remove the stale one of the two."),
  ];
}
