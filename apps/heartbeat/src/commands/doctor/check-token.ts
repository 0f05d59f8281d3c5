import type { Auth, SourceReport } from "@x/auth-core";
import { describeSource } from "../../observability/source-report.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** The findings about the sources of the token. */
export interface TokenSourcesCheck {
  readonly findings: readonly Finding[];
  /** One of them cannot be read or holds no valid token. */
  readonly hasFailed: boolean;
}

/**
 * Checks which source the token comes from, what it shadows, and which sources cannot be read.
 *
 * @param options.isFileReported true when the problem of the token file has already been reported
 */
export async function checkTokenSources(
  auth: Auth,
  { isFileReported }: { readonly isFileReported: boolean },
): Promise<TokenSourcesCheck> {
  const { sources } = await auth.explain();
  // A new process has nothing cached and nothing waiting to be stored.
  const held = sources.filter(({ source }) => source === "storage" || source === "fallback");
  const hasFailed = held.some(({ state }) => state === "failed");
  const reported = held.filter(
    ({ source, state }) => !(isFileReported && source === "storage" && state === "failed"),
  );
  return {
    findings: [...choiceFindings(held, hasFailed), ...reported.flatMap(sourceFindings)],
    hasFailed,
  };
}

function choiceFindings(held: readonly SourceReport[], hasFailed: boolean): Finding[] {
  const source = held.find(({ state }) => state === "used");
  if (source !== undefined) return [ok("token", `from ${describeSource(source)}`)];
  // Registering for a new token does not fix a damaged source.
  return hasFailed ? [] : [note("token", "there is none yet; the workspace gets one when it registers")];
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
