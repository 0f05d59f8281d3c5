import type { StoreAnswer, StoreTask } from "../children/store.ts";
import { runChild } from "../children.ts";
import type { Effort, Section } from "../results.ts";
import { STORE } from "../row-names.ts";
import { type Rounds, ratioOf } from "../stats.ts";
import { atMost, rowsOf, table } from "../tables.ts";
import { sharedFleet } from "./shared-fleet.ts";
import { upkeepOf } from "./upkeep.ts";

export async function cluster({ short }: Effort): Promise<Section> {
  const task: StoreTask = { rounds: short ? 200 : 1_000 };
  const rounds: Rounds = new Map(await runChild<StoreAnswer>(task, "store"));
  const shared = await sharedFleet(short);
  const upkeep = await upkeepOf(short);
  const rows = (names: readonly string[], floor: string) =>
    rowsOf(rounds, floor).filter(({ name }) => names.includes(name));
  const changes = rows([STORE.floor, STORE.replace, STORE.write], STORE.floor);
  const reads = rows([STORE.readFloor, STORE.read], STORE.readFloor);
  return {
    id: "cluster",
    title: "A token in PostgreSQL, for many machines",
    tables: [
      { ...table("replace", "one durable change of a token", "ms", changes), against: "floor" },
      { ...table("look-up", "one token read", "ms", reads), against: "floor" },
      shared.table,
      upkeep.table,
    ],
    targets: [
      atMost(`${STORE.replace} to ${STORE.floor}`, ratioOf(rounds, STORE.replace, STORE.floor), 2),
      ...shared.targets,
      ...upkeep.targets,
    ],
    remarks: [
      "PostgreSQL from npm, on this machine, with its default durability settings. The store is watched: the notification is part of the cost.",
    ],
  };
}
