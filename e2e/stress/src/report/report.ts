import fs from "node:fs";
import os from "node:os";
import type { Document } from "./documents.ts";
import type { Finding } from "./finding.ts";

/** All that a run found for one document, as its JSON has it. */
export interface Report {
  readonly document: Document;
  /** When it was run, in ISO 8601. */
  readonly at: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly findings: readonly Finding[];
  /** What could not be done on this machine, in words. */
  readonly leftOut: readonly string[];
  /** Experiments that broke down, in words. */
  readonly broken: readonly string[];
}

export interface Machine {
  readonly system: string;
  readonly node: string;
  readonly processors: number;
  /** The file system that “the disk” is. */
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

/** The lines on which ours is to have nothing bad, and has. */
export function missed(report: Report): Finding[] {
  return report.findings.filter(({ implementation, bad }) => implementation === "ours" && bad > 0);
}

/** The findings by line, in the order in which the lines first came. */
export function byLine(findings: readonly Finding[]): Map<string, Finding[]> {
  const lines = new Map<string, Finding[]>();
  for (const finding of findings) lines.set(finding.line, [...(lines.get(finding.line) ?? []), finding]);
  return lines;
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

/** How it went wrong, the most frequent way first. */
export function waysOf({ ways, bad }: Finding): string {
  const sorted = Object.entries(ways).sort(([, a], [, b]) => b - a);
  return sorted.map(([way, times]) => (times === bad ? way : `${way} ${count(times)}`)).join(", ");
}
