/** A part of the chart: drawn from its upper left corner, in user units. */
export interface Panel {
  readonly height: number;
  readonly body: string;
}

export const WIDTH = 900;

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function text(
  x: number,
  y: number,
  content: string,
  options: { anchor?: "start" | "middle" | "end"; class?: string } = {},
): string {
  const { anchor = "start", class: name } = options;
  const attribute = name === undefined ? "" : ` class="${name}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${attribute}>${escapeXml(content)}</text>`;
}
