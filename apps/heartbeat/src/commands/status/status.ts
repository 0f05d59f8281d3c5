import type { ElsewhereReport } from "../../cluster/cluster-report.ts";
import type { StatusAddress } from "../../config/operator-flags.ts";
import { cleanText } from "../../observability/clean-text.ts";
import type { WorkspacesReport } from "../../observability/workspaces-report.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { printLines } from "../print-lines.ts";
import { detailsText, elsewhereText, listText, runnerText } from "./describe-status.ts";
import { fetchReport, NotReachable, otherVersion, urlOf } from "./fetch-report.ts";
import { isProblem, problemsOfRunner } from "./problems.ts";

export interface StatusRequest {
  readonly address: StatusAddress;
  /** Only this workspace. */
  readonly workspace: string | undefined;
  readonly onlyProblems: boolean;
  readonly json: boolean;
}

/** Asks a runner on this machine for the states of its workspaces and prints them. `EXIT.usage`: none answers. */
export async function status(request: StatusRequest): Promise<ExitCode> {
  const url = urlOf(request.address);
  try {
    const { exitCode, text, error } = describe(await fetchReport(url), url, request);
    if (text !== undefined) printLines(text);
    if (error !== undefined) console.error(error);
    return exitCode;
  } catch (error) {
    // A runner of another version has these parts in another format.
    const why = error instanceof TypeError ? otherVersion(url) : error;
    if (!(why instanceof NotReachable)) throw error;
    console.error(why.message);
    return EXIT.usage;
  }
}

interface Description {
  readonly exitCode: ExitCode;
  readonly text?: string;
  readonly error?: string;
}

function describe(
  report: WorkspacesReport,
  url: string,
  { onlyProblems, json, ...more }: StatusRequest,
): Description {
  // Ids are UUIDs, which people may copy in upper case.
  const workspace = more.workspace?.trim().toLowerCase();
  const asked = report.workspaces.filter(({ id }) => workspace === undefined || id === workspace);
  const elsewhere = report.cluster?.elsewhere ?? [];
  if (workspace !== undefined && asked.length === 0) {
    const other = elsewhere.find(({ id }) => id === workspace);
    const error = `The runner at ${url} has no workspace ${workspace}; ${whereItIs(other)}`;
    return { exitCode: EXIT.problem, error };
  }
  const ofRunner = problemsOfRunner(report);
  const isHealthy = !asked.some(isProblem) && (workspace !== undefined || ofRunner.length === 0);
  const exitCode = isHealthy ? EXIT.ok : EXIT.problem;
  const shown = onlyProblems ? asked.filter(isProblem) : asked;
  const now = Date.now();
  if (json) {
    const whole = { ok: isHealthy, url, ...report, problems: ofRunner, workspaces: shown };
    return { exitCode, text: JSON.stringify(whole, null, 2) };
  }
  if (workspace !== undefined) {
    return shown.length === 0
      ? { exitCode }
      : { exitCode, text: shown.map((each) => detailsText(each, now)).join("\n") };
  }
  const others = onlyProblems ? elsewhere.filter(({ owner }) => owner === null) : elsewhere;
  const parts = [
    runnerText(report, { url, now }),
    ...(shown.length > 0 ? [listText(shown, now)] : []),
    ...(others.length > 0 ? [elsewhereText(others)] : []),
  ];
  return { exitCode, text: parts.join("\n\n") };
}

function whereItIs(other: ElsewhereReport | undefined): string {
  if (other === undefined) return "heartbeat status lists those that it has.";
  return other.owner === null
    ? "no runner owns it."
    : `the runner ${cleanText(other.owner, "one-line")} owns it: ask there.`;
}
