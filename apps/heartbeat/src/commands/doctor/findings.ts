import { cleanText } from "../../observability/clean-text.ts";

/** The result of one check. */
export interface Finding {
  /** The subject, in a few words. */
  readonly check: string;
  /** `note`: worth knowing, nothing to fix. */
  readonly status: "ok" | "note" | "problem";
  readonly detail: string;
  /** The fix. */
  readonly fix?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, status: "ok", detail });
export const note = (check: string, detail: string): Finding => ({ check, status: "note", detail });
export const problem = (check: string, detail: string, fix: string): Finding => ({
  check,
  status: "problem",
  detail,
  fix,
});

export const isFine = (findings: readonly Finding[]): boolean =>
  findings.every(({ status }) => status !== "problem");

const MARKS = { ok: "✓", note: "·", problem: "✗" } as const;

/**
 * One line for each finding, and another for the fix of a problem. Agents and platforms choose parts of them, such as the
 * target of a link.
 */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, status, detail, fix }) => {
      const line = `${MARKS[status]} ${check.padEnd(width)}  ${detail}`;
      return fix === undefined ? [line] : [line, `  ${" ".repeat(width)}  → ${fix}`];
    })
    .map((line) => cleanText(line, "one-line"))
    .join("\n");
}
