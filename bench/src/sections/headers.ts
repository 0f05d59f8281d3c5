import type { HeadersAnswer, HeadersTask } from "../children/headers.ts";
import { startChild } from "../children.ts";
import type { Effort, Kind, Row, Section, Target } from "../results.ts";
import { HEADERS } from "../row-names.ts";
import { joined, median, type Rounds, ratioOf, samplesOf } from "../stats.ts";

const OURS: readonly string[] = [HEADERS.plain, HEADERS.registered, HEADERS.source];
const MORE_OF_OURS: readonly string[] = [HEADERS.ten, HEADERS.hundredThousand, HEADERS.onEnv];
const FLOORS: readonly string[] = [HEADERS.floor, HEADERS.floorOnEnv];

/** Young generation at its full size from the start: while it grows, every figure changes. */
const NODE_FLAGS = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];

/** JIT decisions vary between processes and are occasionally poor: rounds in several processes even that out. */
async function answers(short: boolean): Promise<HeadersAnswer[]> {
  const task: HeadersTask = short ? { rounds: 7, milliseconds: 15 } : { rounds: 9, milliseconds: 30 };
  const taken: HeadersAnswer[] = [];
  while (taken.length < (short ? 1 : 5)) {
    const child = await startChild("headers", NODE_FLAGS);
    taken.push(await child.ask<HeadersAnswer>(task));
    await child.stop();
  }
  return taken;
}

export async function headers({ short }: Effort): Promise<Section> {
  const taken = await answers(short);
  const rounds = joined(taken.map(({ nanoseconds }) => nanoseconds));
  const bytes = joined(taken.map((answer) => answer.bytes));
  const rows = [...rounds.keys()].map((name) => rowOf(rounds, name)).sort((a, b) => a.value - b.value);
  return {
    id: "headers",
    title: "Headers for a request, token already known",
    tables: [
      { id: "headers", title: "headers of one request", unit: "ns", against: "floor", rows },
      {
        id: "allocation",
        title: "allocated by one call",
        unit: "bytes",
        against: null,
        rows: [...bytes].map(([name, values]) => ({
          name,
          kind: kindOf(name),
          value: median(values),
          ratio: null,
        })),
      },
    ],
    targets: targetsOf(rounds, rows, bytes),
    remarks: [
      `Floor: ${HEADERS.floor}. Every row ends with the same three headers; steps that a peer leaves to its user are done in the cheapest way.`,
      "In Node, reading one variable from `process.env` takes longer than everything else, and environment variables are read live, so that row has a separate floor. A plain object as `env`, as the runner passes for each workspace, costs nothing.",
    ],
  };
}

function kindOf(name: string): Kind {
  if (FLOORS.includes(name)) return "floor";
  return OURS.includes(name) || MORE_OF_OURS.includes(name) ? "ours" : "peer";
}

function rowOf(rounds: Rounds, name: string): Row {
  const value = median(samplesOf(rounds, name));
  return { name, kind: kindOf(name), value, ratio: ratioOf(rounds, name, HEADERS.floor) };
}

function targetsOf(rounds: Rounds, rows: readonly Row[], bytes: Rounds): Target[] {
  const fastest = rows.find(({ kind }) => kind === "peer")?.name ?? "";
  const toFloor = (name: string, floor: string): Target => ({
    what: `${name} to its floor`,
    measured: ratioOf(rounds, name, floor),
    bound: "at most",
    limit: name === HEADERS.source ? 1.6 : 1.8,
    unit: "×",
  });
  const growth = (what: string, measured: number): Target => ({
    what: `${what}: 100,000 registered to 10`,
    measured,
    bound: "at most",
    limit: 1.3,
    unit: "×",
  });
  return [
    ...OURS.map((name) => toFloor(name, HEADERS.floor)),
    toFloor(HEADERS.onEnv, HEADERS.floorOnEnv),
    {
      what: `${HEADERS.plain} as fast as the fastest peer (${fastest})`,
      measured: ratioOf(rounds, fastest, HEADERS.plain),
      bound: "at least",
      limit: 1.5,
      unit: "×",
    },
    growth("time", ratioOf(rounds, HEADERS.hundredThousand, HEADERS.ten)),
    growth("allocation", ratioOf(bytes, HEADERS.hundredThousand, HEADERS.ten)),
  ];
}
