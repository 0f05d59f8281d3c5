/** A failure, and how often in a row it came to the same. */
export interface Repeated {
  readonly why: string;
  readonly count: number;
}

export const NEVER: Repeated = { why: "", count: 0 };

/** One more failure. */
export function again(last: Repeated, why: string): Repeated {
  return { why, count: last.why === why ? last.count + 1 : 1 };
}

/** Which failures in a row are told, and met with more than another try: 1, 2, 3, then each 20th after that. */
export function isTold(count: number): boolean {
  return count <= 3 ? count > 0 : (count - 3) % 20 === 0;
}
