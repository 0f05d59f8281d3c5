import type { Section, Table } from "./results.ts";
import type { TargetResult } from "./targets.ts";

/** Three significant digits. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(value === 0 ? 1 : Math.abs(value) < 1 ? 2 : 3);
}

function row(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
}

/** A table that is readable both in a terminal and in a README. */
function grid(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...body.map((cells) => cells[column]?.length ?? 0)),
  );
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [row(head, widths), row(rule, widths), ...body.map((cells) => row(cells, widths))].join("\n");
}

export function tableText({ title, unit, against, rows }: Table): string {
  const hasDetail = rows.some(({ detail }) => detail !== undefined);
  const head = [title, unit, ...(against === null ? [] : [`× ${against}`]), ...(hasDetail ? [""] : [])];
  const body = rows.map(({ name, kind, value, ratio, detail }) => [
    kind === "ours" ? `**${name}**` : name,
    digits(value),
    ...(against === null ? [] : [ratio === null ? "" : ratio.toFixed(2)]),
    ...(hasDetail ? [detail ?? ""] : []),
  ]);
  return grid(head, body);
}

export function targetResultsText(targetResults: readonly TargetResult[]): string {
  const body = targetResults.map(({ what, measured, unit, bound, allowed, isMet }) => [
    what,
    `${digits(measured)} ${unit}`,
    `${bound} ${digits(allowed)} ${unit}`,
    isMet ? "met" : "MISSED",
  ]);
  return grid(["target", "measured", "wanted", ""], body);
}

export function sectionText({ title, tables, remarks }: Section): string {
  return [`### ${title}`, ...tables.map(tableText), ...remarks.map((remark) => `- ${remark}`)]
    .join("\n\n")
    .replaceAll("\n\n- ", "\n- ");
}
