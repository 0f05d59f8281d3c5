/** A failure, and how many times in a row it had the same reason. */
export interface Repeated {
  readonly why: string;
  readonly count: number;
}

export const NEVER: Repeated = { why: "", count: 0 };

/** Counts one more failure. */
export function again(last: Repeated, why: string): Repeated {
  return { why, count: last.why === why ? last.count + 1 : 1 };
}

/** Which consecutive failures are reported and cause more than a retry: 1, 2, 3, then every 20th. */
export function isReported(count: number): boolean {
  return count <= 3 ? count > 0 : (count - 3) % 20 === 0;
}
