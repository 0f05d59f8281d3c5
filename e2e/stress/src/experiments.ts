import { agents } from "./durability/agents.ts";
import { failingCalls } from "./durability/failing-calls.ts";
import { full } from "./durability/full.ts";
import { inPlace } from "./durability/in-place.ts";
import { kill } from "./durability/kill.ts";
import { locations } from "./durability/locations.ts";
import { namespaces } from "./durability/namespaces.ts";
import { overlay } from "./durability/overlay.ts";
import { power } from "./durability/power.ts";
import { quota } from "./durability/quota.ts";
import { readers } from "./durability/readers.ts";
import type { Experiment } from "./experiment.ts";
import { emulator } from "./hostile/emulator/emulator.ts";
import { fuzz } from "./hostile/fuzz/fuzz.ts";
import { platform } from "./hostile/platform/platform.ts";
import { mutants } from "./properties/mutants.ts";
import { properties } from "./properties/properties.ts";
import { secrets } from "./secrets/secrets.ts";
import { tenants } from "./tenants/tenants.ts";

/** All experiments of `pnpm stress`, in table order. Another kind of stress test gets its own folder. */
export const EXPERIMENTS: readonly Experiment[] = [
  kill,
  readers,
  power,
  overlay,
  locations,
  inPlace,
  full,
  quota,
  failingCalls,
  namespaces,
  agents,
  properties,
  mutants,
  tenants,
  fuzz,
  emulator,
  platform,
  secrets,
];
