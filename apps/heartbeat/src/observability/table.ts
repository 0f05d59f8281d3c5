import { styleText } from "node:util";
import Table from "cli-table3";
import { type Cell, chooseColumns } from "./columns.ts";
import { pickRows, type Row } from "./rank.ts";
import { describeCounts } from "./workspace-states.ts";

export interface TableOptions {
  /** The size of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Wall-clock time in milliseconds since 1970. */
  readonly now: number;
}

/** Lines that stay free for the log above the table, if the terminal is high enough. */
const LOG_LINES = 8;

const BORDERS = ["top", "bottom", "left", "right", "mid"];
const PARTS = ["", "-mid", "-left", "-right"];
const NO_BORDERS = Object.fromEntries([
  ["middle", ""],
  ...BORDERS.flatMap((border) => PARTS.map((part) => [`${border}${part}`, ""])),
]);

/**
 * The workspaces as lines that fit: a summary by state, and one row each, or rows for those that need attention first.
 */
export function renderTable(rows: readonly Row[], options: TableOptions): string {
  // The cursor is on the last line of the terminal.
  const height = Math.max(1, options.rows - 1 - Math.min(LOG_LINES, Math.floor(options.rows / 3)));
  const room = height - 2;
  const shown = room < 1 ? [] : pickRows(rows, rows.length <= room ? room : room - 1);
  const lines = [fit(describeCounts(rows), options.columns)];
  if (shown.length > 0) lines.push(...tabulate(shown, options));
  const hidden = rows.length - shown.length;
  if (hidden > 0 && lines.length < height) lines.push(fit(`… and ${hidden} more`, options.columns));
  return lines.join("\n");
}

function tabulate(rows: readonly Row[], { columns, color, now }: TableOptions): string[] {
  const chosen = chooseColumns(rows, columns);
  const table = new Table({
    head: chosen.map(({ title }) => paint({ text: title, style: "dim" }, color)),
    chars: NO_BORDERS,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    colWidths: chosen.map(({ width }) => width),
    colAligns: chosen.map(({ align }) => align),
  });
  for (const row of rows) table.push(chosen.map(({ cell }) => paint(cell(row, now), color)));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

function paint({ text, style }: Cell, color: boolean): string {
  return color && style !== undefined && text !== ""
    ? styleText(style, text, { validateStream: false })
    : text;
}

const fit = (line: string, columns: number) =>
  line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
