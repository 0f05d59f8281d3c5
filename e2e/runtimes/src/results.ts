import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Run } from "./drivers/driver.ts";

/** Next to this package, for readers; written only by the matrix. */
const file = fileURLToPath(new URL("../RESULTS.md", import.meta.url));

const suites = ["auth-core", "auth-browser", "auth-node"];

/** The table of runtimes, suites and test counts; a dash where a suite does not apply. */
function toTable(runs: ReadonlyMap<string, Run>): string {
  const rows = [...runs].map(([name, { version, outcomes }]) => [
    name,
    version,
    ...suites.map((suite) => String(outcomes[suite]?.passed ?? "–")),
  ]);
  const titles = ["runtime", "version", ...suites];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = (column: number) => column >= titles.length - suites.length;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(" | ")} |\n`;
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [titles, rule, ...rows].map(line).join("");
}

export async function writeResults(runs: ReadonlyMap<string, Run>): Promise<void> {
  await writeFile(
    file,
    "# Every runtime, one suite\n\n" +
      "The number of passed tests of each package's portable suite in each runtime; none failed or were skipped. The tests\n" +
      "run against the built packages. `pnpm test:runtimes` runs them and writes this file.\n\n" +
      toTable(runs),
  );
}

/** The runtimes in the written table, in order. */
export async function writtenRuntimes(): Promise<string[]> {
  const rows = (await readFile(file, "utf8")).split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => row.split("|")[1]?.trim() ?? "");
}
