/** Long enough to be shown shortened, and easy to find in any output. */
export const issuedToken = "issd-token-abcdefghijklmnopqrstuvwxyz-0003";
export const rotatedToken = "rota-token-abcdefghijklmnopqrstuvwxyz-0004";

let places = 0;

/** A name that no other test has used, because all test files share one origin's storage. */
export function ownPlace(): string {
  places += 1;
  return `test-${performance.timeOrigin}-${places}`;
}
