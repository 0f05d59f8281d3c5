import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { LayerSpec, UnitSpec } from "vega-lite/types_unstable/spec/index.js";
import { digits } from "./format.ts";
import type { Results, Table } from "./results.ts";

/** The charted tables, and which values are good. */
const CHARTS = { headers: "less", save: "less", throughput: "more", growth: "flat", start: "less" } as const;
type Better = (typeof CHARTS)[keyof typeof CHARTS];

const KINDS = { domain: ["ours", "floor", "peer"], range: ["#0969da", "#8c959f", "#c9a27a"] };

/** The chart of an entire run: an SVG document. */
export async function plot({ machine, sections }: Results): Promise<string> {
  const tables = sections.flatMap((section) => section.tables);
  const foot = `blue: ours · grey: the floor · brown: others. Medians of one run: node ${machine.node}, ${machine.processors}`;
  const spec: TopLevelSpec = {
    background: "white",
    padding: 24,
    title: { text: foot, orient: "bottom", anchor: "start", fontWeight: "normal", offset: 16 },
    vconcat: Object.entries(CHARTS).flatMap(([id, better]) =>
      tables.filter((table) => table.id === id).map((table) => chart(table, better)),
    ),
    config: {
      font: "system-ui, sans-serif",
      axis: { labelLimit: 0, labelPadding: 8, domain: false, ticks: false },
      view: { stroke: null },
    },
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

/** A bar for each row, on a logarithmic scale if the longest would dwarf the others; or a line where flat is better. */
function chart({ title, unit, rows }: Table, better: Better): LayerSpec<never> {
  const values = rows.map((row) => ({
    ...row,
    label: row.detail === undefined ? digits(row.value) : `${digits(row.value)}, ${row.detail}`,
  }));
  const numbers = rows.map(({ value }) => value);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const isLog = better !== "flat" && most / least > 20;
  const scale = isLog ? { type: "log", domain: [least / 3, most] } : { domain: [0, most * 1.2] };
  const wish = better === "flat" ? "flat is better" : `${better === "less" ? "shorter" : "longer"} is better`;
  const name = { field: "name", type: "nominal", sort: null, axis: { title: null, labelAngle: 0 } };
  const value = { field: "value", type: "quantitative", scale, axis: null };
  const marks =
    better === "flat"
      ? [
          { mark: { type: "line", point: true } },
          { mark: { type: "text", dy: -12 }, encoding: { text: { field: "label" } } },
        ]
      : [
          {
            mark: "bar",
            encoding: {
              x2: { datum: isLog ? least / 3 : 0 },
              color: { field: "kind", scale: KINDS, legend: null },
            },
          },
          { mark: { type: "text", align: "left", dx: 6 }, encoding: { text: { field: "label" } } },
        ];
  return {
    title: {
      text: title,
      subtitle: `${unit}${isLog ? ", logarithmic" : ""}; ${wish}`,
      anchor: "start",
      frame: "group",
    },
    width: 420,
    ...(better === "flat" && { height: 110 }),
    data: { values },
    encoding: better === "flat" ? { x: name, y: value } : { y: name, x: value },
    layer: marks as UnitSpec<never>[],
  } as LayerSpec<never>;
}
