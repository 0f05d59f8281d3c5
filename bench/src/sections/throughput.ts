import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LoadTask } from "../children/load.ts";
import { startChild } from "../children.ts";
import { REQUESTS_PER_HEARTBEAT } from "../heartbeat.ts";
import { pythonScript, pythonVersion } from "../python.ts";
import type { Effort, Kind, Part } from "../results.ts";
import { interleave, ratioOf } from "../stats.ts";
import { atLeast, atMost, byValue, rowsOf, table } from "../tables.ts";
import type { Throughput } from "../throughput.ts";

const OURS = "the runner's fleet";
const BARE = "bare undici, the same requests in a loop";
const DISPATCH = "bare undici by `dispatch`, the client's own limit";
const LIMIT = "autocannon, the machine's limit";
const PYTHON = "python: one thread, a new connection for each heartbeat";
const PYTHON_TLS = "python: one thread, a new client for each heartbeat";
const NAMES = { ours: OURS, bare: BARE, dispatch: DISPATCH, autocannon: LIMIT };
const KINDS: Readonly<Record<string, Kind>> = { [OURS]: "ours", [BARE]: "floor", [DISPATCH]: "floor" };

/** Heartbeats of each client at full speed. */
export async function throughput(url: string, configsDir: string, { short }: Effort): Promise<Part> {
  const rounds = short ? 5 : 9;
  const milliseconds = short ? 600 : 1_500;
  /** As in the fleet's latest round, which at full speed chooses the ratio of the two requests. */
  let delegationsPerHeartbeat = 1;
  const cpu = new Map<string, number[]>();
  const clients = ["ours", "bare", "dispatch", "autocannon"] as const;
  const children = await Promise.all(clients.map(() => startChild("load")));
  const measured = new Map<string, () => Promise<number>>();
  const add = (name: string, run: () => Promise<PythonAnswer>) => {
    const took: number[] = [];
    cpu.set(name, took);
    measured.set(name, async () => {
      const { requestsPerSecond, cpuMicroseconds } = await run();
      took.push(cpuMicroseconds * REQUESTS_PER_HEARTBEAT);
      return requestsPerSecond / REQUESTS_PER_HEARTBEAT;
    });
  };
  for (const [index, by] of clients.entries()) {
    const child = children[index];
    if (child === undefined) continue;
    add(NAMES[by], async () => {
      const task: LoadTask = { by, url, milliseconds, configsDir, delegationsPerHeartbeat };
      const measured = await child.ask<Throughput>(task);
      if (by === "ours") delegationsPerHeartbeat = measured.mix.delegations / measured.mix.heartbeats;
      return measured;
    });
  }
  if (pythonVersion() !== null) {
    add(PYTHON, () => python(url, milliseconds));
    add(PYTHON_TLS, () => python(url, milliseconds, "tls"));
  }
  // The first round warms up the JIT.
  await interleave(measured, 1);
  for (const took of cpu.values()) took.length = 0;
  const heartbeats = await interleave(measured, rounds);
  await Promise.all(children.map((child) => child.stop()));
  const kindOf = (name: string): Kind => KINDS[name] ?? "peer";
  const rates = rowsOf(heartbeats, BARE, kindOf).sort((one, other) => byValue(other, one));
  const times = rowsOf(cpu, BARE, kindOf).sort(byValue);
  const rateTo = (other: string) => ratioOf(heartbeats, OURS, other);
  const atThatSpeed = `CPU time of a heartbeat at that speed, of ${OURS} to ${BARE}`;
  return {
    tables: [
      { ...table("throughput", "as fast as it goes", "heartbeats/s", rates), against: "bare" },
      { ...table("cpu", "CPU time of one heartbeat, at that speed", "µs", times), against: "bare" },
    ],
    targets: [
      atLeast(`heartbeats a second of ${OURS} to ${BARE}`, rateTo(BARE), 1),
      atMost(atThatSpeed, ratioOf(cpu, OURS, BARE), 1),
      ...(heartbeats.has(PYTHON_TLS)
        ? [atLeast(`heartbeats a second of ${OURS} to ${PYTHON_TLS}`, rateTo(PYTHON_TLS), 10)]
        : []),
    ],
  };
}

type PythonAnswer = Omit<Throughput, "mix">;

const run = promisify(execFile);

async function python(url: string, milliseconds: number, ...more: string[]): Promise<PythonAnswer> {
  const { stdout } = await run("python3", [pythonScript("heartbeats"), url, String(milliseconds), ...more]);
  return JSON.parse(stdout) as PythonAnswer;
}
