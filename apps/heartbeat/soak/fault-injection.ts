import { rmSync } from "node:fs";
import type { TransportResponse } from "@x/platform-client";
import { answer } from "./fault-schedule.ts";

/**
 * Ways to break the runner from outside, to show that the soak can fail.
 *
 * - `deaf-to-401`: a rejected heartbeat looks like an accepted one, and nothing recovers
 * - `forgetful-disk`: what the runner saves is gone again
 * - `wiped-results`: each restart loses the memory of the results that were delivered
 * - `open-log`: nothing takes tokens out of what is printed
 */
export const INJECTED_FAULTS = ["deaf-to-401", "forgetful-disk", "wiped-results", "open-log"] as const;
export type InjectedFault = (typeof INJECTED_FAULTS)[number];

export type FaultInjector = ReturnType<typeof createFaultInjector>;

export function createFaultInjector(injectedFault: InjectedFault | null) {
  return {
    distort: (response: TransportResponse) =>
      injectedFault === "deaf-to-401" && response.status === 401 ? answer(200, { status: "ok" }) : response,
    onSaved(tokenFile: string) {
      if (injectedFault === "forgetful-disk") rmSync(tokenFile);
    },
    onRestart(resultsFile: string) {
      if (injectedFault === "wiped-results") rmSync(resultsFile, { force: true });
    },
    redact: (line: string, redact: (text: string) => string) =>
      injectedFault === "open-log" ? line : redact(line),
  };
}
