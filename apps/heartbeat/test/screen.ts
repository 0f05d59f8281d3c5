import xterm from "@xterm/headless";

/** A headless terminal: the text that a person would see after these bytes. */
export function createScreen(columns: number, rows: number) {
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
    /** Resolves when all of it is on the screen. */
    write: (bytes: string) => new Promise<void>((resolve) => terminal.write(bytes, resolve)),
    /** The lines of the screen from top to bottom, without trailing space. */
    lines: () => range(buffer().baseY),
    /** All lines that ever were on the screen, oldest first. */
    history: () => range(0),
    /** True when a line was too long and continues in the next one. */
    wrapped: () =>
      Array.from({ length: buffer().length }).some((_, index) => buffer().getLine(index)?.isWrapped),
    resize: (columns: number, rows: number) => terminal.resize(columns, rows),
    get cursorVisible() {
      return cursorVisible;
    },
  };
}
