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

/** One line for each finding, and another for the fix of a problem. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, status, detail, fix }) => {
      const line = `${MARKS[status]} ${check.padEnd(width)}  ${detail}`;
      return fix === undefined ? line : `${line}\n  ${" ".repeat(width)}  → ${fix}`;
    })
    .join("\n");
}
