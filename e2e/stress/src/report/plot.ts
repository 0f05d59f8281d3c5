import { IMPLEMENTATIONS } from "../implementations.ts";
import type { Finding } from "./finding.ts";
import { byLine, type Report } from "./report.ts";

const LABEL = 400;
const COLUMN = 136;
const BAR = 70;
const ROW = 38;
const TOP = 74;
const WIDTH = LABEL + IMPLEMENTATIONS.length * COLUMN + 16;

/** A chart of the table: for each row and implementation, a bar as long as the failure rate. */
export function asSvg(report: Report): string {
  // A row without a comparison is meaningless in a chart.
  const lines = [...byLine(report.findings)].filter(([, group]) => group.length > 1);
  const height = TOP + lines.length * ROW + 14;
  const heads = IMPLEMENTATIONS.map(({ name }, index) => {
    const weight = index === 0 ? "bold" : "normal";
    return text(LABEL + index * COLUMN, TOP - 16, name.replace(" (Python)", ""), `font-weight="${weight}"`);
  });
  const rows = lines.map(([line, group], index) => drawRow(line, group, TOP + index * ROW, index % 2 === 0));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328" role="img" aria-label="How often each way of keeping a token loses or tears it">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${text(16, 28, "How often it went wrong", 'font-size="16" font-weight="bold"')}
${heads.join("\n")}
${rows.join("\n")}
</svg>
`;
}

function drawRow(line: string, group: readonly Finding[], y: number, shaded: boolean): string {
  const parts = shaded ? [`<rect x="0" y="${y}" width="${WIDTH}" height="${ROW}" fill="#f6f8fa"/>`] : [];
  const words = wrap(line, 54);
  for (const [index, part] of words.entries()) {
    const middle = y + ROW / 2 + 4;
    parts.push(text(16, words.length === 1 ? middle : middle - 8 + index * 15, part));
  }
  for (const [index, { id }] of IMPLEMENTATIONS.entries()) {
    const found = group.find(({ implementation }) => implementation === id);
    parts.push(drawCell(found, LABEL + index * COLUMN, y));
  }
  return parts.join("\n");
}

function drawCell(found: Finding | undefined, x: number, y: number): string {
  const middle = y + ROW / 2;
  if (found === undefined) return text(x, middle + 4, "–", 'fill="#8c959f"');
  const share = found.tried === 0 ? 0 : found.bad / found.tried;
  const bad = found.bad > 0;
  // Even a single failure must be visible.
  const length = bad ? Math.max(2, share * BAR) : 0;
  return [
    `<rect x="${x}" y="${middle - 6}" width="${BAR}" height="12" fill="#d8dee4"/>`,
    bad ? `<rect x="${x}" y="${middle - 6}" width="${length.toFixed(1)}" height="12" fill="#cf222e"/>` : "",
    text(x + BAR + 6, middle + 4, percent(share, bad), bad ? 'fill="#cf222e"' : 'fill="#1a7f37"'),
  ].join("");
}

function percent(share: number, bad: boolean): string {
  if (!bad) return "none";
  if (share < 0.001) return "< 0.1 %";
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

/** On at most two lines. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const at = line.lastIndexOf(" ", width);
  return [line.slice(0, at), line.slice(at + 1)];
}
