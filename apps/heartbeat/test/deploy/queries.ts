import { createMetrics } from "../../src/observability/metrics.ts";
import { ReloadState } from "../../src/observability/reload-state.ts";
import { readMetrics } from "../support/metrics.ts";
import { agents, lowLimit, sharingRunner } from "../views.ts";
import { virtualClock } from "../virtual-clock.ts";

/** By the name of a series: its labels and their values. */
type Series = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** The metrics of a runner that shares its workspaces. */
export async function servedSeries(): Promise<Series> {
  const metrics = createMetrics({
    workspaces: () => agents(3),
    reloads: new ReloadState(virtualClock()),
    paces: () => [lowLimit],
    cluster: sharingRunner(),
  });
  metrics.observe({ type: "heartbeat", latencyMs: 1 });
  const series = new Map<string, Map<string, Set<string>>>();
  for (const { name, labels } of readMetrics(await metrics.text()).samples) {
    const known = series.get(name) ?? new Map<string, Set<string>>();
    for (const [label, value] of Object.entries(labels))
      known.set(label, (known.get(label) ?? new Set()).add(value));
    series.set(name, known);
  }
  return series;
}

/** Labels that Prometheus adds to scraped series. */
const ADDED = ["job", "instance"];

/** What a query uses that is not served: a metric, one of its labels, or a value of that label. */
export function notServed(query: string, series: Series): string[] {
  const selectors = [...query.matchAll(/\b((?:heartbeat|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)];
  if (selectors.length === 0) return [`no metric in ${query}`];
  return selectors.flatMap(([, name = "", matchers = ""]) => {
    const labels = series.get(name);
    if (labels === undefined) return [name];
    return [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].flatMap(
      ([, label = "", operator, text = ""]) => {
        if (ADDED.includes(label)) return [];
        const values = labels.get(label);
        if (values === undefined) return [`${name}{${label}}`];
        const wanted = operator === "=~" || operator === "!~" ? text.split("|") : [text];
        return wanted.filter((value) => !values.has(value)).map((value) => `${name}{${label}="${value}"}`);
      },
    );
  });
}
