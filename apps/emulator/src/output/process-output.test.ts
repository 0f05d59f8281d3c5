import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type DroppedText,
  ProcessOutput,
  type ProcessOutputOptions,
  type ProcessStream,
} from "./process-output.ts";

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "output-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A full pipe, and what its reader does. */
function stalledPipe(options: ProcessOutputOptions = {}) {
  const path = join(directory(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const filler = openSync(path, O_RDWR | O_NONBLOCK);
  let isReaderOpen = true;
  const close = () => {
    if (isReaderOpen) closeSync(reader);
    isReaderOpen = false;
  };
  onTestFinished(() => close());
  fill(filler);
  const stream = Object.assign(new Socket({ fd: filler, readable: false }), { fd: filler });
  onTestFinished(() => void stream.destroy());
  return {
    output: new ProcessOutput(stream as unknown as ProcessStream, options),
    read(): string {
      const buffer = Buffer.alloc(1_048_576);
      try {
        return buffer.subarray(0, readSync(reader, buffer)).toString().replaceAll("\0", "");
      } catch {
        return "";
      }
    },
  };
}

function fill(fd: number): void {
  try {
    for (;;) writeSync(fd, Buffer.alloc(4_096));
  } catch {
    // It is full.
  }
}

/** A file as a program's stdout. */
function atFile(path: string, flags: string, options: ProcessOutputOptions = {}) {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  const stream = { fd, on() {} } as unknown as ProcessStream;
  return new ProcessOutput(stream, options);
}

describe("text for a reader that stalls", () => {
  it("takes no time and bounded memory; dropped text is counted, and reported once the reader resumes", async () => {
    const resumed: DroppedText[] = [];
    const { output, read } = stalledPipe({ maxBytes: 10_000, onResumed: (dropped) => resumed.push(dropped) });
    const began = performance.now();
    for (let line = 0; line < 10_000; line += 1) output.write(`line ${line}\n`);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(output.isWaiting).toBe(true);
    expect(output.dropped).toBeGreaterThan(9_000);
    expect(resumed).toEqual([]);

    let text = "";
    await expect
      .poll(() => {
        text += read();
        return resumed;
      })
      .toEqual([{ count: output.dropped, code: null }]);
    output.write("after\n");
    await expect
      .poll(() => {
        text += read();
        return text;
      })
      .toContain("after\n");
    const lines = text.trim().split("\n");
    expect(lines).toEqual([...Array(lines.length - 1).keys()].map((line) => `line ${line}`).concat("after"));
    expect(lines.length - 1 + output.dropped).toBe(10_000);
  });

  it("does not delay the exit", async () => {
    const { output } = stalledPipe();
    output.write("never read\n");
    const began = performance.now();
    await output.end();
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(output.isStuck).toBe(false);
  });
});

describe("text for a file", () => {
  it("is written in order, completely, and redacted last", async () => {
    const path = join(directory(), "log");
    const output = atFile(path, "a", { redact: (text) => text.replaceAll("secret", "…") });
    let expected = "";
    for (let line = 0; line < 5_000; line += 1) {
      output.write(`${line} secret\n`);
      expected += `${line} …\n`;
    }
    await output.end();
    expect(readFileSync(path, "utf8")).toBe(expected);
  });

  it.runIf(process.platform === "linux")(
    "on a full disk is buffered, then dropped, without ending the process",
    async () => {
      const output = atFile("/dev/full", "w", { maxBytes: 1_000, retryMs: 10 });
      for (let line = 0; line < 1_000; line += 1) output.write(`line ${line}\n`);
      await output.end();
      expect(output.isWaiting).toBe(true);
      expect(output.dropped).toBeGreaterThan(900);
      expect(output.isStuck).toBe(false);
    },
  );
});
