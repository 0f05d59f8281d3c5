import { createLogUpdate } from "log-update";
import type { WorkspaceStatus } from "../fleet/fleet.ts";
import { createHistory } from "./rank.ts";
import { renderTable } from "./table.ts";

/** What is needed of a terminal. */
type TerminalStream = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, "columns" | "rows">>;

export interface LiveTableOptions {
  readonly stream: TerminalStream;
  readonly color: boolean;
  /** Wall-clock time in milliseconds since 1970. */
  readonly now: () => number;
}

/** A table that stays at the bottom of a terminal, and lines that run through above it. */
export interface LiveTable {
  /** Text for above the table, with the line break at its end. It is there within half a second. */
  print(text: string): void;
  show(workspaces: () => readonly WorkspaceStatus[]): void;
  /** Leaves the table as it was last, and the cursor visible. */
  close(): void;
}

const FRAME_MS = 400;
/** Drawing takes at most so small a part of the time, however many workspaces there are. */
const MAX_LOAD = 1 / 20;

export function createLiveTable({ stream, color, now }: LiveTableOptions): LiveTable {
  const update = createLogUpdate(stream);
  const history = createHistory();
  let source: (() => readonly WorkspaceStatus[]) | null = null;
  let pending = "";
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    if (source === null) return;
    const at = now();
    const size = { columns: stream.columns || 80, rows: stream.rows || 24 };
    const table = renderTable(history(source(), at), { ...size, color, now: at });
    if (pending !== "") {
      update.clear();
      stream.write(pending);
      pending = "";
    }
    update(table);
  }

  function tick(): void {
    const before = performance.now();
    draw();
    timer = setTimeout(tick, Math.max(FRAME_MS, (performance.now() - before) / MAX_LOAD));
    timer.unref();
  }

  function close(): void {
    if (source === null) return;
    clearTimeout(timer);
    process.off("exit", close);
    draw();
    source = null;
    update.done();
  }

  return {
    print(text) {
      if (source === null) stream.write(text);
      else pending += text;
    },
    show(workspaces) {
      if (source !== null) return;
      source = workspaces;
      // However it ends, what was still to be printed is printed.
      process.on("exit", close);
      tick();
    },
    close,
  };
}
