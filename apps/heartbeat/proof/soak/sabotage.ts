import { rmSync } from "node:fs";
import type { Reply } from "../../src/platform/reply.ts";
import { answer } from "./weather.ts";

/**
 * Ways to break the runner from outside, so that it shows that the proof can fail.
 *
 * - `deaf-to-401`: a refused beat looks like one that was accepted, and nothing recovers
 * - `forgetful-disk`: what the runner saves is gone again
 * - `wiped-results`: with each restart it is forgotten which results were told
 */
export const SABOTAGES = ["deaf-to-401", "forgetful-disk", "wiped-results"] as const;
export type Sabotage = (typeof SABOTAGES)[number];

export interface Saboteur {
  distort(reply: Reply): Reply;
  onSaved(tokenFile: string): void;
  onRestart(resultsFile: string): void;
}

export function createSaboteur(sabotage: Sabotage | null): Saboteur {
  return {
    distort: (reply) =>
      sabotage === "deaf-to-401" && reply.status === 401 ? answer(200, { status: "ok" }) : reply,
    onSaved(tokenFile) {
      if (sabotage === "forgetful-disk") rmSync(tokenFile);
    },
    onRestart(resultsFile) {
      if (sabotage === "wiped-results") rmSync(resultsFile, { force: true });
    },
  };
}
