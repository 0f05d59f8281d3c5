import fs from "node:fs";
import { join } from "node:path";
import { start } from "../../fixtures/child.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { rootFolder } from "../../folder.ts";
import { talk } from "../sockets.ts";

/** A line of its log: the time, and text without control characters. */
const LOG_LINE = /^\d\d:\d\d:\d\d\.\d{3} {2}[^\p{Cc}\u2028\u2029]*$/u;

/** An emulator in a separate process, started as users do. */
export async function startTarget(fixtures: Fixtures) {
  let introduction = "";
  let listening: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    listening = resolve;
  });
  let complaint = "";
  const bin = join(rootFolder, "apps/emulator/bin/emulator.mjs");
  const child = start(fixtures, [process.execPath, bin, "--port", "0", "--rate-limit", "1000000000"], {
    stderr: "lines",
    onLine(line) {
      if (introduction === "") listening(line);
      const isIntroduction = !/Ctrl-C closes it\.$/m.test(introduction);
      if (isIntroduction) introduction += `${line}\n`;
      else if (line !== "" && !LOG_LINE.test(line))
        complaint ||= `said ${JSON.stringify(line.slice(0, 200))}`;
    },
  });
  const port = Number(new URL(await url).port);
  return {
    port,
    pid: child.pid,
    /** Why it no longer works, in a few words; `null` if it serves as before and logged no errors. */
    async ailment() {
      if (child.over()) return "ended";
      if (complaint !== "") return complaint;
      const health = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      const { text } = await talk({ port, say: (socket) => socket.write(health), withinMs: 5_000 });
      return text.startsWith("HTTP/1.1 200 ") ? null : "no longer serves";
    },
  };
}

/** Peak memory of a process, in bytes. */
export function peakMemory(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}
