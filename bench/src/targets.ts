import type { Effort, Section, Target } from "./results.ts";

/** A short run on a busy machine says less: it only finds what has become much worse. */
const MARGIN_OF_A_SHORT_RUN = 2;

export interface TargetResult extends Target {
  /** With the margin. */
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
