import type { Effort, Section, Target } from "./results.ts";

/** A short run on a busy machine says less: it only finds what has become much worse. */
const MARGIN_OF_A_SHORT_RUN = 2;

export interface Verdict extends Target {
  /** With the margin. */
  readonly allowed: number;
  readonly isMet: boolean;
}

export function judge(target: Target, { short }: Effort): Verdict {
  const { measured, bound, limit } = target;
  const margin = short ? MARGIN_OF_A_SHORT_RUN : 1;
  const allowed = bound === "at most" ? limit * margin : limit / margin;
  const isMet = bound === "at most" ? measured <= allowed : measured >= allowed;
  return { ...target, allowed, isMet };
}

export function judgeAll(sections: readonly Section[], effort: Effort): Verdict[] {
  return sections.flatMap(({ targets }) => targets.map((target) => judge(target, effort)));
}
