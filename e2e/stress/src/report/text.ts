import { IMPLEMENTATIONS } from "../implementations.ts";
import { byLine, count, type Report, waysOf } from "./report.ts";

const WIDTH = Math.max(...IMPLEMENTATIONS.map(({ name }) => name.length));

/** For a terminal of 80 columns and more. */
export function asText(report: Report): string {
  const { machine, findings, leftOut, broken, seconds } = report;
  const blocks: string[] = [];
  for (const [line, group] of byLine(findings)) {
    const rows = IMPLEMENTATIONS.flatMap(({ id, name }) => {
      const found = group.find(({ implementation }) => implementation === id);
      if (found === undefined) return [];
      const who = group.length === 1 ? "" : ` ${name.padEnd(WIDTH)}`;
      const mark = id !== "ours" ? " " : found.bad === 0 ? "✓" : "✗";
      const figures = `${count(found.bad).padStart(9)} of ${count(found.tried)}`;
      return [`  ${mark}${who} ${figures.padEnd(22)} ${waysOf(found)}`.trimEnd()];
    });
    blocks.push([line, ...rows].join("\n"));
  }
  const where = `${machine.system}, ${machine.disk}, ${machine.processors} processors, Node ${machine.node}`;
  blocks.push(`${where}; ${Math.round(seconds)} s`);
  if (leftOut.length > 0) blocks.push(["Skipped here:", ...leftOut.map((what) => `  - ${what}`)].join("\n"));
  if (broken.length > 0) blocks.push(["Broke down:", ...broken.map((what) => `  ✗ ${what}`)].join("\n"));
  return blocks.join("\n\n");
}
