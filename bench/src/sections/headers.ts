import type { HeadersAnswer, HeadersTask } from "../children/headers.ts";
import { runChild } from "../children.ts";
import type { Effort, Kind, Row, Section, Target } from "../results.ts";
import { HEADERS } from "../row-names.ts";
import { joined, median, type Rounds, ratioOf } from "../stats.ts";
import { atLeast, atMost, byValue, rowsOf, table } from "../tables.ts";

const OURS: readonly string[] = [HEADERS.plain, HEADERS.registered, HEADERS.source];
const MORE_OF_OURS: readonly string[] = [HEADERS.ten, HEADERS.hundredThousand, HEADERS.onEnv];
const FLOORS: readonly string[] = [HEADERS.floor, HEADERS.floorOnEnv];

/** Young generation at its full size from the start: while it grows, every figure changes. */
const NODE_FLAGS = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];

/** JIT decisions vary between processes and are occasionally poor: rounds in several processes even that out. */
async function answers(short: boolean): Promise<HeadersAnswer[]> {
  const task: HeadersTask = short ? { rounds: 7, milliseconds: 15 } : { rounds: 9, milliseconds: 30 };
  const taken: HeadersAnswer[] = [];
  while (taken.length < (short ? 1 : 5))
    taken.push(await runChild<HeadersAnswer>(task, "headers", NODE_FLAGS));
  return taken;
}

export async function headers({ short }: Effort): Promise<Section> {
  const taken = await answers(short);
  const rounds = joined(taken.map(({ nanoseconds }) => nanoseconds));
  const bytes = joined(taken.map((answer) => answer.bytes));
  const rows = rowsOf(rounds, HEADERS.floor, kindOf).sort(byValue);
  const allocated = [...bytes].map(
    ([name, values]): Row => ({ name, kind: kindOf(name), value: median(values), ratio: null }),
  );
  return {
    id: "headers",
    title: "Headers for a request, token already known",
    tables: [
      { ...table("headers", "headers of one request", "ns", rows), against: "floor" },
      table("allocation", "allocated by one call", "bytes", allocated),
    ],
    targets: targetsOf(rounds, rows, bytes),
    remarks: [
      `Floor: ${HEADERS.floor}. Every row ends with the same three headers; steps that a peer leaves to its user are done in the cheapest way.`,
      "The rows with 10 and 100,000 registered sign as two workspaces in turn, the others always as the same one, which is remembered.",
      "In Node, reading one variable from `process.env` takes longer than everything else, and environment variables are read live, so that row has a separate floor. A plain object as `env`, as the runner passes for each workspace, costs nothing.",
    ],
  };
}

function kindOf(name: string): Kind {
  if (FLOORS.includes(name)) return "floor";
  return OURS.includes(name) || MORE_OF_OURS.includes(name) ? "ours" : "peer";
}

function targetsOf(rounds: Rounds, rows: readonly Row[], bytes: Rounds): Target[] {
  const fastest = rows.find(({ kind }) => kind === "peer")?.name ?? "";
  const toFloor = (name: string, floor: string): Target =>
    atMost(`${name} to its floor`, ratioOf(rounds, name, floor), name === HEADERS.source ? 1.6 : 1.8);
  const growth = (what: string, by: Rounds): Target =>
    atMost(`${what}: 100,000 registered to 10`, ratioOf(by, HEADERS.hundredThousand, HEADERS.ten), 1.3);
  return [
    ...OURS.map((name) => toFloor(name, HEADERS.floor)),
    toFloor(HEADERS.onEnv, HEADERS.floorOnEnv),
    atLeast(
      `${HEADERS.plain} as fast as the fastest peer (${fastest})`,
      ratioOf(rounds, fastest, HEADERS.plain),
      1.5,
    ),
    growth("time", rounds),
    growth("allocation", bytes),
  ];
}
