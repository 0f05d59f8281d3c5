/** Colours by name, for a light page and a dark one. Each picture brings its own ground, so both are readable anywhere. */
const STYLE = `
  .ground { fill: #ffffff } .box { fill: #f6f8fa; stroke: #8c959f } .good { fill: #dafbe1; stroke: #1a7f37 }
  .bad { fill: #ffebe9; stroke: #cf222e } text { fill: #1f2328 } .quiet { fill: #59636e }
  .line { stroke: #59636e; fill: none } .head { fill: #59636e } .frame { fill: none; stroke: #8c959f; stroke-dasharray: 4 4 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .box { fill: #161b22; stroke: #6e7681 } .good { fill: #12261e; stroke: #3fb950 }
    .bad { fill: #2d1214; stroke: #f85149 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .line { stroke: #9198a1 } .head { fill: #9198a1 } .frame { stroke: #6e7681 }
  }`;

/** A picture of its parts. `label` is what it shows, for those who do not see it. */
export function picture(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escaped(label)}">
<style>${STYLE}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
<rect class="ground" width="${width}" height="${height}"/>
${parts.join("\n")}
</svg>
`;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

export type Kind = "box" | "good" | "bad";

/** A box with a title, and more about it in smaller lines below. */
export function box(area: Area, title: string, lines: readonly string[] = [], kind: Kind = "box"): string {
  const { x, y, width, height } = area;
  const middle = { x: x + width / 2, y: y + height / 2 + 5 - lines.length * 8 };
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    words(middle, title, { bold: true, anchor: "middle" }),
    ...lines.map((line, index) =>
      words({ x: middle.x, y: middle.y + 17 * (index + 1) }, line, { quiet: true, anchor: "middle" }),
    ),
  ].join("\n");
}

/** A frame around what belongs together. */
export const frame = ({ x, y, width, height }: Area): string =>
  `<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`;

export interface WordsOptions {
  readonly bold?: boolean;
  readonly quiet?: boolean;
  readonly anchor?: "start" | "middle" | "end";
}

export function words({ x, y }: Point, text: string, options: WordsOptions = {}): string {
  const { bold, quiet, anchor = "start" } = options;
  const weight = bold ? ' font-weight="bold"' : "";
  const small = quiet ? ' class="quiet" font-size="12"' : "";
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${weight}${small}>${escaped(text)}</text>`;
}

/** A line through some points, with a head at its end. */
export function arrow(...points: readonly Point[]): string {
  const path = points.map(({ x, y }) => `${x} ${y}`).join(" ");
  return `<path class="line" d="M${path}" marker-end="url(#head)"/>`;
}

/** A line without a head. */
export const line = (from: Point, to: Point): string =>
  `<path class="line" d="M${from.x} ${from.y} ${to.x} ${to.y}" stroke-dasharray="2 4"/>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
