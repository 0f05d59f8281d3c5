import type { Shape } from "./condition.ts";

const SVG = "http://www.w3.org/2000/svg";

/** In a square of 12 units. */
const paths: Readonly<Record<Shape, string>> = {
  circle: "M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
  ring: "M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM6 3a3 3 0 1 1 0 6a3 3 0 1 1 0-6z",
  triangle: "M6 .8l5.6 10.2h-11.2z",
  square: "M1.5 1.5h9v9h-9z",
  cross:
    "M2.6 .9l3.4 3.4l3.4-3.4l1.7 1.7l-3.4 3.4l3.4 3.4l-1.7 1.7l-3.4-3.4l-3.4 3.4l-1.7-1.7l3.4-3.4l-3.4-3.4z",
  bars: "M2 1.5h3v9h-3zM7 1.5h3v9h-3z",
  dash: "M1.5 5h9v2h-9z",
};

/** An empty image for a shape; the text next to it is its label. */
export function shapeElement(): { svg: SVGSVGElement; show(shape: Shape): void } {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  let shown: Shape | null = null;
  return {
    svg,
    show(shape) {
      if (shape !== shown) path.setAttribute("d", paths[shape]);
      shown = shape;
    },
  };
}
