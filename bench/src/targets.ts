import type { Effort, Section, Target } from "./results.ts";

/** A short run on a busy machine is less precise: it only finds large regressions. */
const MARGIN_OF_A_SHORT_RUN = 2;

export interface TargetResult extends Target {
  /** Including the margin. */
  readonly allowed: number;
  readonly isMet: boolean;
}

export function checkTarget(target: Target, { short }: Effort): TargetResult {
  const { measured, bound, limit } = target;
  const margin = short ? MARGIN_OF_A_SHORT_RUN : 1;
  const allowed = bound === "at most" ? limit * margin : limit / margin;
  const isMet = bound === "at most" ? measured <= allowed : measured >= allowed;
  return { ...target, allowed, isMet };
}

export function checkTargets(sections: readonly Section[], effort: Effort): TargetResult[] {
  return sections.flatMap(({ targets }) => targets.map((target) => checkTarget(target, effort)));
}
