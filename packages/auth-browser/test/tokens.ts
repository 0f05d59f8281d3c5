/** Long enough to be shown shortened, and easy to find in any output. */
export const issuedToken = "issd-s3cr3t-abcdefghijklmnopqr-s3cr3t-0003";
export const rotatedToken = "rota-s3cr3t-abcdefghijklmnopqr-s3cr3t-0004";

let places = 0;

/** A name that no other test has used, because all test files share one origin's storage. */
export function ownPlace(): string {
  places += 1;
  return `test-${performance.timeOrigin}-${places}`;
}
