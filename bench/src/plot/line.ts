import { digits } from "../format.ts";
import type { Table } from "../results.ts";
import { type Panel, text, WIDTH } from "./panel.ts";

const HEIGHT = 190;
const TOP = 44;
const BOTTOM = 150;
const LEFT = 60;
const RIGHT = 60;

/** The rows from left to right at equal distances, the values upwards from 0. */
export function line({ title, unit, rows }: Table): Panel {
  const most = Math.max(...rows.map(({ value }) => value)) * 1.2;
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, rows.length - 1);
  const points = rows.map(({ name, value, detail }, index) => ({
    name,
    label: digits(value),
    detail: detail ?? "",
    x: LEFT + index * step,
    y: BOTTOM - (value / most) * (BOTTOM - TOP),
  }));
  const path = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return {
    height: HEIGHT,
    body: [
      text(0, 16, title, { class: "title" }),
      text(WIDTH, 16, `${unit}; flat is better`, { anchor: "end", class: "quiet" }),
      `<line x1="${LEFT}" y1="${BOTTOM}" x2="${WIDTH - RIGHT}" y2="${BOTTOM}" class="axis"/>`,
      `<polyline points="${path}" class="line"/>`,
      ...points.map(({ name, label, detail, x, y }) =>
        [
          `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" class="ours"/>`,
          text(x, y - 10, label, { anchor: "middle", class: "own" }),
          text(x, BOTTOM + 18, name, { anchor: "middle" }),
          text(x, BOTTOM + 34, detail, { anchor: "middle", class: "quiet" }),
        ].join(""),
      ),
    ].join("\n"),
  };
}
