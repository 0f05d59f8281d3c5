/** Long enough to be shown shortened, and easy to find in any output. */
export const newToken = "issd-s3cr3t-abcdefghijklmnopqr-s3cr3t-0003";
export const rotatedToken = "rota-s3cr3t-abcdefghijklmnopqr-s3cr3t-0004";

let names = 0;

/** A name that no other test uses, because all test files share one origin's storage. */
export function uniqueName(): string {
  names += 1;
  return `test-${performance.timeOrigin}-${names}`;
}
