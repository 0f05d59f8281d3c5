import { failing } from "./failing.ts";
import type { Broken } from "./faults.ts";
import { keeping } from "./keeping.ts";
import { replacing } from "./replacing.ts";
import { watching } from "./watching.ts";

/** A storage for each way of breaking a promise of the suite; the files are named as the suite's own. */
export const brokenStorages: readonly Broken[] = [...keeping, ...replacing, ...failing, ...watching];
