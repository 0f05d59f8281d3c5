import { aborting } from "./aborting.ts";
import { exchanging } from "./exchanging.ts";
import { failing } from "./failing.ts";
import type { Broken } from "./faults.ts";
import { keeping } from "./keeping.ts";
import { removing } from "./removing.ts";
import { replacing } from "./replacing.ts";
import { watching } from "./watching.ts";

/** A storage for each way of breaking a promise of the suite; the files are named as the suite's own. */
export const brokenStorages: readonly Broken[] = [
  ...keeping,
  ...replacing,
  ...failing,
  ...exchanging,
  ...removing,
  ...aborting,
  ...watching,
];
