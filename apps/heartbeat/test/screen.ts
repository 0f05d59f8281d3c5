import xterm from "@xterm/headless";

/** A headless terminal: the text that a person would see after these bytes. */
export interface Screen {
  /** Resolves when all of it is on the screen. */
  write(bytes: string): Promise<void>;
  /** The lines of the screen from top to bottom, without trailing space. */
  lines(): string[];
  /** All lines that ever were on the screen, oldest first. */
  history(): string[];
  /** True when a line was too long and continues in the next one. */
  wrapped(): boolean;
  resize(columns: number, rows: number): void;
  readonly cursorVisible: boolean;
}

export function createScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 10_000,
    convertEol: true,
    allowProposedApi: true,
  });
  let cursorVisible = true;
  for (const final of ["h", "l"]) {
    terminal.parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
      if (parameters.includes(25)) cursorVisible = final === "h";
      return false;
    });
  }
  const buffer = () => terminal.buffer.active;
  const line = (index: number) => buffer().getLine(index)?.translateToString(true) ?? "";
  const range = (from: number) =>
    Array.from({ length: buffer().length - from }, (_, index) => line(from + index));
  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    lines: () => range(buffer().baseY),
    history: () => range(0),
    wrapped: () =>
      Array.from({ length: buffer().length }).some((_, index) => buffer().getLine(index)?.isWrapped),
    resize: (columns, rows) => terminal.resize(columns, rows),
    get cursorVisible() {
      return cursorVisible;
    },
  };
}
