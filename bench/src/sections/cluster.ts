import type { StoreAnswer, StoreTask } from "../children/store.ts";
import { startChild } from "../children.ts";
import type { Effort, Kind, Row, Section } from "../results.ts";
import { STORE } from "../row-names.ts";
import { median, type Rounds, ratioOf, samplesOf } from "../stats.ts";
import { sharedFleet } from "./shared-fleet.ts";
import { upkeepOf } from "./upkeep.ts";

const FLOORS: readonly string[] = [STORE.floor, STORE.readFloor];

export async function cluster({ short }: Effort): Promise<Section> {
  const child = await startChild("store");
  const task: StoreTask = { rounds: short ? 200 : 1_000 };
  const rounds: Rounds = new Map(await child.ask<StoreAnswer>(task));
  await child.stop();
  const shared = await sharedFleet(short);
  const upkeep = await upkeepOf(short);
  const rows = (names: readonly string[], floor: string) => names.map((name) => rowOf(rounds, name, floor));
  return {
    id: "cluster",
    title: "A token in PostgreSQL, for many machines",
    tables: [
      {
        id: "replace",
        title: "one durable change of a token",
        unit: "ms",
        against: "floor",
        rows: rows([STORE.floor, STORE.replace, STORE.write], STORE.floor),
      },
      {
        id: "look-up",
        title: "one token read",
        unit: "ms",
        against: "floor",
        rows: rows([STORE.readFloor, STORE.read], STORE.readFloor),
      },
      shared.table,
      upkeep.table,
    ],
    targets: [
      {
        what: `${STORE.replace} to ${STORE.floor}`,
        measured: ratioOf(rounds, STORE.replace, STORE.floor),
        bound: "at most",
        limit: 2,
        unit: "×",
      },
      ...shared.targets,
      ...upkeep.targets,
    ],
    remarks: [
      "PostgreSQL from npm, on this machine, with its default durability settings. The store is watched: the notification is part of the cost.",
    ],
  };
}

function rowOf(rounds: Rounds, name: string, floor: string): Row {
  const kind: Kind = FLOORS.includes(name) ? "floor" : "ours";
  return { name, kind, value: median(samplesOf(rounds, name)), ratio: ratioOf(rounds, name, floor) };
}
