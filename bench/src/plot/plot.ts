import type { Results, Table } from "../results.ts";
import { bars } from "./bars.ts";
import { line } from "./line.ts";
import { escapeXml, type Panel, text, WIDTH } from "./panel.ts";

const MARGIN = 24;
const GAP = 20;

/** Readable on light and dark pages. */
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 } .own { font-weight: 600 } .quiet { fill: #59636e; font-size: 12px }
.ground { fill: #ffffff } .ours { fill: #0969da } .floor { fill: #8c959f } .peer { fill: #c9a27a }
.line { fill: none; stroke: #0969da; stroke-width: 2 } .axis { stroke: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .ground { fill: #0d1117 }
  .ours { fill: #4493f8 } .floor { fill: #656c76 } .peer { fill: #8a6a45 } .line { stroke: #4493f8 }
}`;

/** The chart of an entire run: an SVG document. */
export function plot({ machine, sections }: Results): string {
  const tables = new Map(sections.flatMap((section) => section.tables.map((table) => [table.id, table])));
  const panel = (id: string, draw: (table: Table) => Panel): Panel[] => {
    const table = tables.get(id);
    return table === undefined ? [] : [draw(table)];
  };
  const panels = [
    ...panel("headers", (table) => bars(table, "less")),
    ...panel("save", (table) => bars(table, "less")),
    ...panel("throughput", (table) => bars(table, "more")),
    ...panel("growth", line),
    ...panel("start", (table) => bars(table, "less")),
  ];
  let y = MARGIN;
  const placed = panels.map(({ height, body }) => {
    const group = `<g transform="translate(${MARGIN} ${y})">\n${body}\n</g>`;
    y += height + GAP;
    return group;
  });
  const foot = `blue: ours · grey: the floor · brown: others. Medians of one run: node ${machine.node}, ${machine.processors}`;
  const [width, height] = [WIDTH + 2 * MARGIN, y + 24];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(foot)}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" class="ground"/>`,
    ...placed,
    text(MARGIN, y + 8, foot, { class: "quiet" }),
    "</svg>\n",
  ].join("\n");
}
