import { contracts } from "./contract.ts";
import type { EmulatorOptions } from "./emulator.ts";

const isWhole = (value: number, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max;

/** Throws a `RangeError` that names the first option that does not fit. */
export function checkOptions({ port, contract, orgId, rateLimit, allowedOrigins }: EmulatorOptions): void {
  if (port !== undefined && !isWhole(port, 0, 65_535))
    throw new RangeError("port: a whole number, 0 to 65535");
  if (contract !== undefined && !Object.hasOwn(contracts, contract)) {
    throw new RangeError("contract: v1 or v2");
  }
  if (orgId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(orgId)) {
    throw new RangeError("orgId: 1 to 128 characters of printable ASCII without spaces");
  }
  if (rateLimit && !(isWhole(rateLimit.max, 1, 2 ** 53) && rateLimit.windowMs > 0)) {
    throw new RangeError("rateLimit: at least 1 request in a window of more than 0 ms");
  }
  const odd = allowedOrigins?.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (odd !== undefined) {
    throw new RangeError(`allowedOrigins: ${odd} is not an origin, such as https://canvas.example`);
  }
}
