import type { Effort, Section, Target } from "./results.ts";

/** A short run on a busy machine says less: it only finds what has become much worse. */
const MARGIN_OF_A_SHORT_RUN = 2;

/** `unreached`: beyond the target, and within what is kept to instead. */
type Judgement = "met" | "unreached" | "missed";

export interface Verdict extends Target {
  /** With the margin. */
  readonly allowed: number;
  readonly judgement: Judgement;
}

export function judge(target: Target, { short }: Effort): Verdict {
  const margin = short ? MARGIN_OF_A_SHORT_RUN : 1;
  const allow = (limit: number) => (target.bound === "at most" ? limit * margin : limit / margin);
  const within = (limit: number) =>
    target.bound === "at most" ? target.measured <= allow(limit) : target.measured >= allow(limit);
  const { limit, unreached } = target;
  const kept = unreached !== undefined && within(unreached.limit);
  const judgement = within(limit) ? "met" : kept ? "unreached" : "missed";
  return { ...target, allowed: allow(limit), judgement };
}

export function judgeAll(sections: readonly Section[], effort: Effort): Verdict[] {
  return sections.flatMap(({ targets }) => targets.map((target) => judge(target, effort)));
}
