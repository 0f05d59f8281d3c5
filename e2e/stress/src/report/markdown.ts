import { IMPLEMENTATIONS } from "../implementations.ts";
import { byLine, count, type Report, waysOf } from "./report.ts";

const START = "<!-- stress: written by `pnpm stress --docs` -->";
const END = "<!-- stress: end -->";

export function asMarkdown({ findings, leftOut, machine, at, seconds }: Report): string {
  const columns = IMPLEMENTATIONS.filter(({ id }) =>
    findings.some(({ implementation }) => implementation === id),
  );
  // Without a comparison, names are unnecessary.
  const names = columns.length === 1 ? ["how often it did"] : columns.map(({ name }) => name);
  const what = columns.length === 1 ? "what must never happen" : "how often it went wrong";
  const rows = [...byLine(findings)].map(([line, group]) => {
    const cells = columns.map(({ id }) => {
      const found = group.find(({ implementation }) => implementation === id);
      if (found === undefined) return "";
      if (found.bad === 0) return `0 of ${count(found.tried)}`;
      return `**${count(found.bad)}** of ${count(found.tried)}: ${waysOf(found)}`;
    });
    return row([line, ...cells]);
  });
  const head = [row([what, ...names]), row(["---", ...names.map(() => "-")])];
  const where = `${machine.system}, ${machine.disk}, ${machine.processors} processors, Node ${machine.node}`;
  const minutes = `${Math.round(seconds / 60)} minutes`;
  const rest = leftOut.length === 0 ? "Nothing was skipped." : `Skipped: ${leftOut.join("; ")}.`;
  return [...head, ...rows, "", `Run on ${at.slice(0, 10)} in ${minutes}: ${where}. ${rest}`].join("\n");
}

/** Inserts the table into a document between its two markers. */
export function withTable(document: string, table: string): string {
  const from = document.indexOf(START);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error("The document has no markers for the table.");
  return `${document.slice(0, from)}${START}\n\n${table}\n\n${document.slice(to)}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
