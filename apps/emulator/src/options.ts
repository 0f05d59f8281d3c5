import { type Clock, type ContractVersion, contracts } from "./contract.ts";
import type { RateLimit } from "./guards/rate-limit.ts";

/** The options of an emulator. */
export interface EmulatorOptions {
  /** 1 to 65535, on 127.0.0.1 only. Default 0: any free port. */
  port?: number;
  /** The generation of the platform to emulate. Default `v2`. */
  contract?: ContractVersion;
  /** The tenant that requests must name. Default: none, and no tenant guard. */
  orgId?: string;
  /** Origins that are accepted besides the emulator's own. Default: none. */
  allowedOrigins?: readonly string[];
  /** Names accepted in `Host`, without a port, besides those of this machine. Default: none. */
  allowedHosts?: readonly string[];
  /** Per organization if named, else per bearer, else per address. Default: 600 requests in 60,000 ms. */
  rateLimit?: RateLimit;
  /** The operator's token. Default: `local-admin`. */
  adminToken?: string;
  /** Minted API tokens survive a rotation, as on later servers. Default false. */
  apiTokensSurvive?: boolean;
  /**
   * Requires a bearer for registrations, heartbeats and card updates of any workspace that was ever issued a token,
   * even while none is live. Default false, as on the platform.
   */
  strict?: boolean;
  /** The time source for liveness, rate limit and timestamps. Default: the system clock. */
  clock?: Clock;
}

/** The operator's default token. */
export const DEFAULT_ADMIN_TOKEN = "local-admin";

const isWhole = (value: number, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max;

const isText = (value: unknown, pattern: RegExp) => typeof value === "string" && pattern.test(value);

/** Throws a `RangeError` that names the first invalid option. */
export function checkOptions(options: EmulatorOptions): void {
  const { port, contract, orgId, rateLimit, adminToken, allowedOrigins, allowedHosts } = options;
  if (port !== undefined && !isWhole(port, 0, 65_535))
    throw new RangeError("port: must be a whole number, 0 to 65535");
  if (contract !== undefined && !Object.hasOwn(contracts, contract)) {
    throw new RangeError("contract: must be v1 or v2");
  }
  if (orgId !== undefined && !isText(orgId, /^[\x21-\x7e]{1,128}$/)) {
    throw new RangeError("orgId: must be 1 to 128 characters of printable ASCII without spaces");
  }
  if (adminToken !== undefined && !isText(adminToken, /^[\x21-\x7e]{1,256}$/)) {
    throw new RangeError("adminToken: must be 1 to 256 characters of printable ASCII without spaces");
  }
  if (rateLimit && !(isWhole(rateLimit.max, 1, 2 ** 53) && rateLimit.windowMs > 0)) {
    throw new RangeError("rateLimit: at least 1 request in a window of more than 0 ms");
  }
  const odd = allowedOrigins?.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (odd !== undefined) {
    throw new RangeError(`allowedOrigins: ${odd} is not an origin, such as https://canvas.example`);
  }
  const wrong = allowedHosts?.find((name) => !isText(name, /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i));
  if (wrong !== undefined) {
    throw new RangeError(`allowedHosts: ${JSON.stringify(wrong)} is not a host name, such as platform.test`);
  }
}
