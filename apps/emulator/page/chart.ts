import type { HistoryMessage } from "../src/dashboard/messages.ts";
import { drawing } from "./chart-drawing.ts";
import { byId, only, setText } from "./dom.ts";
import { count, timeOfDay } from "./format.ts";

/** Heartbeats and failures of the fleet over time. */
export class Chart {
  readonly #svg = only(byId("chart", HTMLElement), "svg", SVGSVGElement);

  render(history: HistoryMessage, now: number): void {
    const { label: text, scale, accepted, failed, ...paths } = drawing(history, now);
    for (const [name, d] of Object.entries(paths)) {
      const path = only(this.#svg, `.${name}`, SVGPathElement);
      if (path.getAttribute("d") !== d) path.setAttribute("d", d);
    }
    if (this.#svg.ariaLabel !== text) this.#svg.ariaLabel = text;
    setText(byId("chart-heartbeats", HTMLElement), count(accepted));
    setText(byId("chart-failures", HTMLElement), count(failed));
    setText(byId("chart-from", HTMLElement), timeOfDay(now - 600_000));
    setText(byId("chart-scale", HTMLElement), scale);
    setText(byId("chart-to", HTMLElement), timeOfDay(now));
  }
}
