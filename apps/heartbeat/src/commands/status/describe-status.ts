import type { ClusterReport, ElsewhereReport } from "../../cluster/cluster-report.ts";
import { cleanText } from "../../observability/clean-text.ts";
import type { WorkspaceReport, WorkspacesReport } from "../../observability/workspaces-report.ts";
import { problemsOfRunner } from "./problems.ts";

/** The runner in a few lines. */
export function runnerText(
  report: WorkspacesReport,
  { url, now }: { readonly url: string; readonly now: number },
): string {
  const { version, started_at, health, cluster } = report;
  const { total, ...states } = health.workspaces;
  const counts = Object.entries(states)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
  return [
    `heartbeat ${version} at ${url}, up ${duration(now - Date.parse(started_at))}: ${health.status}`,
    `${total} ${total === 1 ? "workspace" : "workspaces"}${counts === "" ? "" : `: ${counts}`}`,
    ...(cluster ? clusterLines(cluster) : []),
    ...problemsOfRunner(report).map((problem) => `✗ ${problem}`),
  ]
    .map((line) => cleanText(line, "one-line"))
    .join("\n");
}

function clusterLines(cluster: ClusterReport): readonly string[] {
  const { store, store_up, key_file, fleet, runner, name, membership, lease_seconds, runners, shards } =
    cluster;
  const lease =
    membership === "member" ? `its lease is valid for ${Math.round(lease_seconds)} s` : membership;
  return [
    `runner ${name} (${runner}) of the fleet ${fleet}: ${lease}; runners: ${runners.join(", ") || "none"}`,
    `store ${store}: ${store_up ? "reachable" : "not reachable"}; key ${key_file}`,
    `shards of 256: ${shards.held} held, ${shards.unsure} unsure, ${shards.draining} draining; ${shards.unowned} without an owner`,
  ];
}

/** A line for each workspace of another runner; those without an owner first. */
export function elsewhereText(elsewhere: readonly ElsewhereReport[]): string {
  const sorted = [...elsewhere].sort((a, b) => Number(a.owner !== null) - Number(b.owner !== null));
  return [
    "workspaces of other runners",
    ...sorted.map(({ id, owner }) => cleanText(`${id}  ${owner ?? "no owner"}`, "one-line")),
  ].join("\n");
}

interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  cell(workspace: WorkspaceReport, now: number): string;
}

const COLUMNS: readonly Column[] = [
  { title: "workspace", align: "left", cell: ({ id }) => id },
  { title: "state", align: "left", cell: ({ state }) => state },
  { title: "heartbeat", align: "right", cell: ({ last_heartbeat_at: at }, now) => ago(at, now) },
  {
    title: "latency",
    align: "right",
    cell: ({ latency_ms: ms }) => (ms === null ? "" : `${Math.round(ms)} ms`),
  },
  { title: "failures", align: "right", cell: ({ failures }) => String(failures) },
  {
    title: "next",
    align: "right",
    cell: ({ next_in_seconds: next }) => (next === null ? "waits" : duration(next * 1_000)),
  },
  {
    title: "",
    align: "left",
    cell: ({ problem }) => (problem === null ? "" : `${problem.message} (${problem.code})`),
  },
];

/** One row for each workspace, those with problems first. */
export function listText(workspaces: readonly WorkspaceReport[], now: number): string {
  const sorted = [...workspaces].sort((a, b) => Number(b.problem !== null) - Number(a.problem !== null));
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...sorted.map((workspace) => COLUMNS.map(({ cell }) => cleanText(cell(workspace, now), "one-line"))),
  ];
  const widths = COLUMNS.map((_, at) => rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0));
  return rows
    .map((row) =>
      row
        .map((text, at) =>
          COLUMNS[at]?.align === "right" ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** All details of one workspace. */
export function detailsText(workspace: WorkspaceReport, now: number): string {
  const { id, platform_url, state, last_heartbeat_at: at, latency_ms: ms, problem } = workspace;
  const { failures, error_rate, next_in_seconds: next, platform_status } = workspace;
  const lines: readonly (readonly [string, string | null])[] = [
    ["workspace", id],
    ["platform", platform_url],
    ["state", state],
    ["platform says", platform_status],
    [
      "last heartbeat",
      at === null ? "never" : `${ago(at, now)} (${at})${ms === null ? "" : `, in ${Math.round(ms)} ms`}`,
    ],
    ["failures", `${failures} in a row; errors over the last minute: ${Math.round(error_rate * 100)} %`],
    ["next step", next === null ? "when its platform is back" : `in ${duration(next * 1_000)}`],
    ["problem", problem && `${problem.message} (${problem.code})`],
    ["what to do", problem && (problem.fix ?? "wait: it is retried")],
  ];
  return lines
    .flatMap(([name, text]) => (text === null ? [] : [`${name.padEnd(16)}${cleanText(text, "one-line")}`]))
    .join("\n");
}

const ago = (at: string | null, now: number): string =>
  at === null ? "never" : `${duration(Math.max(0, now - Date.parse(at)))} ago`;

/** A duration in its two largest units. */
function duration(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
