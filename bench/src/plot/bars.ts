import { digits } from "../format.ts";
import type { Table } from "../results.ts";
import { type Panel, text, WIDTH } from "./panel.ts";

const ROW = 22;
const TOP = 34;
/** Space for the names, and for the figures after the bars. */
const LEFT = 400;
const RIGHT = 110;
/** Puts a row's detail next to its figure. */
const RIGHT_OF_DETAILS = 230;

/**
 * A bar for each row. The scale is logarithmic, with a label, if the longest bar would dwarf the others.
 *
 * @param better whether shorter or longer bars are better
 */
export function bars({ title, unit, rows }: Table, better: "less" | "more"): Panel {
  const values = rows.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = most / least > 20;
  const scale = (value: number) =>
    isLogarithmic ? (1 + Math.log10(value / least)) / (1 + Math.log10(most / least)) : value / most;
  const hasDetails = rows.some(({ detail }) => detail !== undefined);
  const longest = WIDTH - LEFT - (hasDetails ? RIGHT_OF_DETAILS : RIGHT);
  const about = `${unit}${isLogarithmic ? ", logarithmic" : ""}; ${better === "less" ? "shorter" : "longer"} is better`;
  const drawn = rows.map(({ name, kind, value, detail }, index) => {
    const y = TOP + index * ROW;
    const width = Math.max(1, scale(value) * longest);
    return [
      text(LEFT - 8, y + 13, name, { anchor: "end", ...(kind === "ours" && { class: "own" }) }),
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 6}" rx="2" class="${kind}"/>`,
      text(LEFT + width + 6, y + 13, detail === undefined ? digits(value) : `${digits(value)}, ${detail}`),
    ].join("");
  });
  return {
    height: TOP + rows.length * ROW + 12,
    body: [
      text(0, 16, title, { class: "title" }),
      text(WIDTH, 16, about, { anchor: "end", class: "quiet" }),
      ...drawn,
    ].join("\n"),
  };
}
