import fs from "node:fs";
import os from "node:os";
import type { Document } from "./documents.ts";
import type { Finding } from "./finding.ts";

/** The results of a run for one document; the structure of the JSON report. */
export interface Report {
  readonly document: Document;
  /** The time of the run, in ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly findings: readonly Finding[];
  /** What could not run on this machine, as text. */
  readonly leftOut: readonly string[];
  /** Experiments that failed to run, as text. */
  readonly broken: readonly string[];
}

export interface Machine {
  readonly system: string;
  readonly node: string;
  readonly processors: number;
  /** The file system behind “the disk”. */
  readonly disk: string;
}

const FILE_SYSTEMS: Record<number, string> = {
  61267: "ext4",
  16914836: "tmpfs",
  1481003842: "XFS",
  2435016766: "Btrfs",
  2035054128: "overlayfs",
};

export function describeMachine(): Machine {
  const release = os.release().split(".").slice(0, 2).join(".");
  return {
    system: `${os.type()} ${release}`,
    node: process.version,
    processors: os.availableParallelism(),
    disk: FILE_SYSTEMS[fs.statfsSync(os.tmpdir()).type] ?? "a file system unknown to this program",
  };
}

/** The rows in which @x/auth-node must have no failures, but has. */
export function missed(report: Report): Finding[] {
  return report.findings.filter(({ implementation, bad }) => implementation === "ours" && bad > 0);
}

/** The findings by row, in order of first appearance. */
export function byLine(findings: readonly Finding[]): Map<string, Finding[]> {
  const lines = new Map<string, Finding[]>();
  for (const finding of findings) lines.set(finding.line, [...(lines.get(finding.line) ?? []), finding]);
  return lines;
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

/** The kinds of failures, most frequent first. */
export function waysOf({ ways, bad }: Finding): string {
  const sorted = Object.entries(ways).sort(([, a], [, b]) => b - a);
  return sorted.map(([way, times]) => (times === bad ? way : `${way} ${count(times)}`)).join(", ");
}
