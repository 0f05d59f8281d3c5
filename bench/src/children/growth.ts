import { getHeapSpaceStatistics } from "node:v8";
import { DEFAULT_TIMING } from "../../../apps/heartbeat/src/config/timing.ts";
import { serveTasks } from "../children.ts";
import { heartbeatBody, idOf } from "../heartbeat.ts";
import { startSimulated, textOf } from "../simulated.ts";
import { median } from "../stats.ts";

/** The runner's own cost of a fleet, by the number of workspaces. */
export interface GrowthTask {
  readonly workspaces: number;
  readonly hasInbox: boolean;
  /** The minimum of heartbeats to count, besides three per workspace: full collections of a large heap are rare. */
  readonly heartbeats: number;
}

export interface GrowthAnswer {
  readonly cpuMicrosecondsPerHeartbeat: number;
  /** Builds the same bodies and parses the same answers in the same process, and nothing else. */
  readonly floorMicroseconds: number;
  readonly heapBytesPerWorkspace: number;
  /** What only a full collection can free, which stops a large heap for a second. */
  readonly oldGarbageBytesPerHeartbeat: number;
}

const { intervalMs } = DEFAULT_TIMING;
const PARTS = 5;

const no = { get: () => null };
const request = async ({ method, url }: { readonly method: string; readonly url: string }) => ({
  status: 200,
  headers: no,
  text: textOf(method, url),
});

/** Regardless of the number of workspaces, ten of them have these. */
const answersOf = Array.from({ length: 10 }, (_, index) => ({
  status: textOf("GET", `/workspaces/${idOf(index)}`),
  state: textOf("GET", `/workspaces/${idOf(index)}/state`),
}));

/** Per heartbeat, with its answer, the delegations', and every tenth time the workspace status. */
function buildAndParse(heartbeats: number): number {
  let length = 0;
  for (let turn = 0; turn < heartbeats; turn += 1) {
    const index = turn % 10;
    length += heartbeatBody(index).length;
    length += Object.keys(JSON.parse(textOf("POST", "")) as object).length;
    length += (JSON.parse("[]") as unknown[]).length;
    const answers = answersOf[index];
    if (turn % 10 !== 0 || answers === undefined) continue;
    length += Object.keys(JSON.parse(answers.status) as object).length;
    length += Object.keys(JSON.parse(answers.state) as object).length;
  }
  return length;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const oldSpace = (): number =>
  getHeapSpaceStatistics().find((each) => each.space_name === "old_space")?.space_used_size ?? Number.NaN;

async function cpuOf(act: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

serveTasks(async ({ workspaces, hasInbox, heartbeats }: GrowthTask): Promise<GrowthAnswer> => {
  const before = heap();
  const running = await startSimulated({ workspaces, hasInbox, request });
  const { clock } = running;
  // Every workspace has registered and sent a heartbeat, and the JIT is warm.
  await clock.pass(intervalMs * Math.max(3, 5_000 / workspaces));
  buildAndParse(50_000);

  heap();
  const [oldBefore, sentBefore] = [oldSpace(), running.heartbeats()];
  await clock.pass(intervalMs);
  const oldGarbage = oldSpace() - oldBefore;
  const oldGarbageBytesPerHeartbeat = oldGarbage / (running.heartbeats() - sentBefore);

  const ours: number[] = [];
  const floors: number[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    const floored = 20_000;
    floors.push((await cpuOf(() => buildAndParse(floored))) / floored);
    const sent = running.heartbeats();
    const cpu = await cpuOf(() =>
      clock.pass(intervalMs * Math.max(3 / PARTS, heartbeats / workspaces / PARTS)),
    );
    ours.push(cpu / (running.heartbeats() - sent));
  }
  if (running.failures() > 0) throw new Error(`${running.failures()} requests failed.`);
  const answer = {
    // The mean, so that it includes the rare full collections.
    cpuMicrosecondsPerHeartbeat: ours.reduce((sum, each) => sum + each, 0) / PARTS,
    floorMicroseconds: median(floors),
    heapBytesPerWorkspace: (heap() - before) / workspaces,
    oldGarbageBytesPerHeartbeat,
  };
  await running.stop();
  return answer;
});
