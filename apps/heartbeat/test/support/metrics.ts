interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus's text format, as `prom-client` writes it. */
export function readMetrics(text: string) {
  const families = [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \1 (\w+)$/gm)].map(
    ([, name = "", help = "", type = ""]) => ({ name, help, type }),
  );
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name = "", labels = "", value]): Sample => ({ name, labels: labelsIn(labels), value: Number(value) }),
  );
  return { families, samples };
}

const labelsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    // Its escapes are those of JSON.
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, label, value = ""]) => [
      label,
      JSON.parse(value),
    ]),
  );
