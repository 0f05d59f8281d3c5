import { announcedLines, MAX_LINE_BYTES, NO_RESULTS, parseLine, ResultsMemory } from "./results-lines.ts";

/** How much of a results file is read: its end. */
export const TAIL_BYTES = 4 * 1_024 * 1_024;

/** How many bytes of unannounced results a new file takes over complete; of older ones it takes the id. */
const CARRIED_BYTES = 2 * 1_024 * 1_024;

const NEWLINE = 0x0a;

/** The content at the end of a results file. */
export interface ResultsTail {
  readonly memory: ResultsMemory;
  readonly damagedLines: number;
  /** The complete lines of unannounced results, by id. */
  readonly lines: ReadonlyMap<string, Uint8Array>;
}

/**
 * @param options.isCut the first line begins before these bytes and is skipped
 */
export function readTail(bytes: Uint8Array, options: { isCut?: boolean } = {}): ResultsTail {
  const memory = new ResultsMemory(NO_RESULTS);
  const lines = new Map<string, Uint8Array>();
  let damagedLines = 0;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let from = options.isCut ? buffer.indexOf(NEWLINE) + 1 || buffer.length : 0;
  while (from < buffer.length) {
    const newline = buffer.indexOf(NEWLINE, from);
    const to = newline < 0 ? buffer.length : newline;
    const line = buffer.subarray(from, to);
    from = to + 1;
    if (line.length === 0) continue;
    const entry = line.length > MAX_LINE_BYTES ? null : parseLine(line.toString("utf8"));
    if (entry === null) damagedLines += 1;
    if (entry?.id !== undefined && !memory.has(entry.id)) {
      memory.add(entry.id);
      lines.set(entry.id, line);
    }
    for (const id of entry?.announced ?? []) {
      memory.announce(id);
      lines.delete(id);
    }
  }
  return { memory, damagedLines, lines };
}

/** The first lines of the next file: announced ids, and the results not yet announced. */
export function carriedOver({ memory, lines }: ResultsTail): Uint8Array {
  const unannounced = memory.unannounced;
  const isUnannounced = new Set(unannounced);
  const announced = memory.delivered.filter((id) => !isUnannounced.has(id));
  const results: Uint8Array[] = [];
  let bytes = 0;
  for (const id of [...unannounced].reverse()) {
    const whole = lines.get(id);
    bytes += whole?.length ?? 0;
    results.push(whole !== undefined && bytes <= CARRIED_BYTES ? whole : Buffer.from(JSON.stringify({ id })));
  }
  results.reverse();
  const lead = announcedLines(announced).map((line) => Buffer.from(line));
  const newline = Uint8Array.of(NEWLINE);
  return Buffer.concat([...lead, ...results].flatMap((line) => [line, newline]));
}
