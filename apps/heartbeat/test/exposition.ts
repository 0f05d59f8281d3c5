/** A metric of Prometheus's text format. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped";
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL}(?:,${LABEL})*)?)\\})? (\\S+)$`);
const VALUE = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]Inf)$/i;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Parses the text format strictly by its specification, more strictly than Prometheus.
 *
 * @throws Error naming the first line that violates the format
 */
export function parseExposition(text: string): MetricFamily[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families: MetricFamily[] = [];
  const names = new Set<string>();
  const series = new Set<string>();
  let help: { readonly name: string; readonly text: string } | null = null;
  let current: (MetricFamily & { samples: Sample[] }) | null = null;
  for (const [at, line] of text.slice(0, -1).split("\n").entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${at + 1}: ${why}: ${line}`);
    };
    if (line === "") continue;
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (names.has(name)) fail("a metric comes twice");
      if (rest.trim() === "") fail("no help");
      help = { name, text: rest };
      current = null;
    } else if (kind === "TYPE") {
      if (help?.name !== name) fail("TYPE does not follow its HELP");
      if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) fail("unknown type");
      names.add(name);
      current = { name, help: help?.text ?? "", type: rest as MetricFamily["type"], samples: [] };
      families.push(current);
    } else {
      const [, of = "", labelText = "", value = ""] = SAMPLE.exec(line) ?? fail("not a sample");
      if (current === null) return fail("a sample without TYPE");
      if (!VALUE.test(value)) fail("not a number");
      const allowed = (SUFFIXES[current.type] ?? [""]).map((suffix) => `${current?.name}${suffix}`);
      if (!allowed.includes(of)) fail(`not a sample of ${current.name}`);
      const labels = labelsOf(labelText);
      const key = JSON.stringify([of, Object.entries(labels).sort()]);
      if (series.has(key)) fail("a series comes twice");
      series.add(key);
      current.samples.push({ name: of, labels, value: numberOf(value) });
    }
  }
  for (const family of families) checkHistogram(family);
  return families;
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign)),
    ]),
  );

const numberOf = (text: string): number =>
  /inf/i.test(text) ? (text.startsWith("-") ? -1 : 1) * Number.POSITIVE_INFINITY : Number(text);

/** Buckets are cumulative; the last one is `+Inf` and equals the count. */
function checkHistogram({ name, type, samples }: MetricFamily): void {
  if (type !== "histogram") return;
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(others);
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name.endsWith("_bucket"));
    const bounds = buckets.map(({ labels }) => numberOf(labels.le ?? "NaN"));
    const counts = buckets.map(({ value }) => value);
    const isSorted = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));
    const count = group.find((sample) => sample.name.endsWith("_count"))?.value;
    if (!isSorted(bounds) || !isSorted(counts) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`${name}: buckets that are not in order`);
    if (counts.at(-1) !== count) throw new Error(`${name}: the last bucket is not the count`);
  }
}
