import { Writable } from "node:stream";
import { createLogUpdate } from "log-update";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { createHistory } from "./rank.ts";
import { renderTable } from "./table.ts";

/** The parts of a terminal stream that the table needs. */
export interface Terminal {
  write(text: string): void;
  /** True while it has not accepted everything written so far. */
  readonly isBusy: boolean;
  /** @default 80 */
  readonly columns?: number | undefined;
  /** @default 24 */
  readonly rows?: number | undefined;
}

export interface LiveTableOptions {
  readonly terminal: Terminal;
  readonly color: boolean;
  /** Wall-clock time in milliseconds since 1970. */
  readonly now: () => number;
}

/** A table that stays at the bottom of a terminal, with lines scrolling above it. */
export interface LiveTable {
  /** Prints text above the table, ending with a line break. It appears within half a second. */
  print(text: string): void;
  show(workspaces: () => readonly WorkspaceStatus[]): void;
  /** How many lines were dropped because the terminal accepted none. */
  readonly dropped: number;
  /** Leaves the last table on screen and the cursor visible. */
  close(): void;
}

const FRAME_MS = 400;
/** Limits drawing to this fraction of the time, however many workspaces there are. */
const MAX_LOAD = 1 / 20;
/** How much text is buffered for a terminal that accepts none. */
const MAX_PENDING_LENGTH = 256 * 1_024;

export function createLiveTable({ terminal, color, now }: LiveTableOptions): LiveTable {
  const update = createLogUpdate(streamTo(terminal));
  const history = createHistory();
  let source: (() => readonly WorkspaceStatus[]) | null = null;
  let pending = "";
  let dropped = 0;
  let unsaid = 0;
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    if (source === null) return;
    const at = now();
    const size = { columns: terminal.columns || 80, rows: terminal.rows || 24 };
    const table = renderTable(history(source(), at), { ...size, color, now: at });
    if (unsaid > 0) pending += `${unsaid} lines dropped: the terminal accepted no output\n`;
    unsaid = 0;
    if (pending !== "") {
      update.clear();
      terminal.write(pending);
      pending = "";
    }
    update(table);
  }

  function tick(): void {
    const before = performance.now();
    // An unseen frame is not needed; the next one shows the same and more.
    if (!terminal.isBusy) draw();
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
      if (source === null) terminal.write(text);
      else if (pending.length + text.length <= MAX_PENDING_LENGTH) pending += text;
      else {
        dropped += 1;
        unsaid += 1;
      }
    },
    show(workspaces) {
      if (source !== null) return;
      source = workspaces;
      // However it ends, pending lines are printed.
      process.on("exit", close);
      tick();
    },
    close,
    get dropped() {
      return dropped;
    },
  };
}

/** The stream that `log-update` writes to. */
function streamTo(terminal: Terminal): NodeJS.WritableStream {
  const stream = new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      terminal.write(String(text));
      done();
    },
  });
  return Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: () => terminal.columns || 80 },
    rows: { get: () => terminal.rows || 24 },
  });
}
