import type { Contract } from "../contract.ts";
import type { Faults } from "../faults.ts";
import type { PlatformState } from "../state.ts";
import type { PlatformMessage } from "./messages.ts";
import { outageText } from "./words.ts";

/** What the dashboard shows of a platform. */
export interface PlatformSources {
  readonly contract: Contract;
  readonly state: PlatformState;
  readonly faults: Faults;
}

/** The platform's current global state. */
export function platformOf({ contract, faults, state }: PlatformSources): PlatformMessage {
  const { current, latencyMs, scope } = faults;
  return {
    contract: contract.version,
    outage: current && {
      kind: current.kind,
      status: current.kind === "status" ? current.status : null,
      text: outageText(current, scope),
    },
    latencyMs,
    workspaces: state.size,
  };
}
