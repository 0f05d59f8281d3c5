import { aborting } from "./aborting.ts";
import { exchanging } from "./exchanging.ts";
import { failing } from "./failing.ts";
import type { Broken } from "./faults.ts";
import { keeping } from "./keeping.ts";
import { removing } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { separating } from "./separating.ts";
import { watching } from "./watching.ts";

const ALL = [keeping, replacing, failing, exchanging, removing, separating, aborting, watching];

/** A storage for each way of failing a test of the suite; the files are named after the suite's. */
export const brokenStorages: readonly Broken[] = ALL.flatMap((faults) =>
  Object.entries(faults).flatMap(([caughtBy, storages]) =>
    Object.entries(storages).map(([fault, create]) => ({ fault, caughtBy, create })),
  ),
);
