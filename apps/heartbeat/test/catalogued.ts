import { CATALOGUE } from "../src/observability/catalogue/catalogue.ts";
import type { EventKind } from "../src/observability/catalogue/event-kind.ts";

const KINDS: Readonly<Record<string, EventKind>> = Object.assign(
  {},
  ...CATALOGUE.map(({ events }) => events),
);

/** Output of a runner that is missing from the catalogue: a code, or one of its levels. */
export function unknownLines(output: string): string[] {
  return output.split("\n").filter((line) => {
    const entry = parsed(line);
    if (entry === null) return false;
    const levels = KINDS[entry.code.split(":")[0] ?? ""]?.levels ?? [];
    return !levels.some((level) => level === entry.level);
  });
}

function parsed(line: string): { readonly code: string; readonly level: unknown } | null {
  if (!line.startsWith('{"level":')) return null;
  try {
    const entry: { readonly code?: unknown; readonly level?: unknown } = JSON.parse(line);
    return { code: String(entry.code), level: entry.level };
  } catch {
    // The other stream, or the end, cut this line short.
    return null;
  }
}
