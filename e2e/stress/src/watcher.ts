import type { Watcher } from "./run.ts";

/** On a terminal, one changing line; elsewhere, a line at intervals. */
export function createWatcher(output: NodeJS.WriteStream): Watcher {
  let title = "";
  let shown = performance.now();
  const againAfterMs = output.isTTY ? 200 : 15_000;
  const rewrite = (line: string) => output.write(`\r\u001b[K${line}`);
  return {
    began(next) {
      title = next;
      shown = performance.now();
      if (output.isTTY) rewrite(`${title} …`);
      else output.write(`${title} …\n`);
    },
    progress(share) {
      if (performance.now() - shown < againAfterMs) return;
      shown = performance.now();
      const line = `${title} … ${Math.floor(share * 100)} %`;
      if (output.isTTY) rewrite(line);
      else output.write(`${line}\n`);
    },
    ended(seconds) {
      const line = `${title}: ${seconds.toFixed(0)} s\n`;
      if (output.isTTY) rewrite(line);
      else output.write(line);
    },
  };
}
