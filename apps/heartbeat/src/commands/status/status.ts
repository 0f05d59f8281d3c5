import type { ElsewhereReport } from "../../cluster/cluster-report.ts";
import type { StatusAddress } from "../../config/operator-flags.ts";
import { cleanText } from "../../observability/clean-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { detailsText, elsewhereText, listText, runnerText } from "./describe-status.ts";
import { fetchReport, NotReachable, urlOf } from "./fetch-report.ts";
import { isProblem, problemsOfRunner } from "./problems.ts";

export interface StatusRequest {
  readonly address: StatusAddress;
  /** Only this workspace. */
  readonly workspace: string | undefined;
  readonly onlyProblems: boolean;
  readonly json: boolean;
}

/** Asks a runner on this machine how its workspaces are, and prints it. `EXIT.usage`: it cannot be asked. */
export async function status({ address, onlyProblems, json, ...more }: StatusRequest): Promise<ExitCode> {
  const url = urlOf(address);
  // Ids are UUIDs, which people copy in capitals, too.
  const workspace = more.workspace?.trim().toLowerCase();
  const report = await fetchReport(url).catch((error: unknown) => {
    if (error instanceof NotReachable) return error;
    throw error;
  });
  if (report instanceof NotReachable) {
    console.error(report.message);
    return EXIT.usage;
  }
  const asked = report.workspaces.filter(({ id }) => workspace === undefined || id === workspace);
  const elsewhere = report.cluster?.elsewhere ?? [];
  if (workspace !== undefined && asked.length === 0) {
    const other = elsewhere.find(({ id }) => id === workspace);
    console.error(`The runner at ${url} has no workspace ${workspace}; ${whereItIs(other)}`);
    return EXIT.problem;
  }
  const ofRunner = problemsOfRunner(report);
  const isHealthy = !asked.some(isProblem) && (workspace !== undefined || ofRunner.length === 0);
  const shown = onlyProblems ? asked.filter(isProblem) : asked;
  const now = Date.now();
  if (json) {
    console.log(
      JSON.stringify({ ok: isHealthy, url, ...report, problems: ofRunner, workspaces: shown }, null, 2),
    );
  } else if (workspace !== undefined) {
    for (const each of shown) console.log(detailsText(each, now));
  } else {
    console.log(runnerText(report, { url, now }));
    if (shown.length > 0) console.log(`\n${listText(shown, now)}`);
    const others = onlyProblems ? elsewhere.filter(({ owner }) => owner === null) : elsewhere;
    if (others.length > 0) console.log(`\n${elsewhereText(others)}`);
  }
  return isHealthy ? EXIT.ok : EXIT.problem;
}

function whereItIs(other: ElsewhereReport | undefined): string {
  if (other === undefined) return "heartbeat status lists those that it has.";
  return other.owner === null
    ? "no runner owns it."
    : `the runner ${cleanText(other.owner, "one-line")} owns it: ask there.`;
}
