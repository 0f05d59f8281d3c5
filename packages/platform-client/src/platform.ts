import { platformOrigin } from "@x/auth-core";
import type { ClientAuth } from "./auth.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type FetchLike, fetchTransport } from "./fetch-transport.ts";
import type { OnIssued } from "./issued.ts";
import { plain } from "./plain.ts";
import type { RateLimit } from "./result.ts";
import type { Transport } from "./transport.ts";
import { userAgentFor } from "./user-agent.ts";

/** A request got a 401, and was then accepted with another token. */
export interface TokenRecovered {
  readonly workspaceId: string;
  readonly platformOrigin: string;
}

/** The platform's rate limit, as stated in a response. */
export interface RateLimitSeen {
  readonly workspaceId: string;
  /** Which requests are counted together: a tenant's, a bearer token's, or an address's. */
  readonly bucket: "tenant" | "bearer" | "address";
  readonly rateLimit: RateLimit;
}

/** Options shared by the clients of one platform. */
export interface PlatformOptions {
  /** The platform's base URL, http or https. Routes are appended to its path. */
  readonly platformUrl: string;
  /** @default the runtime's */
  readonly fetch?: FetchLike;
  /** Sends the requests; replaces `fetch`. */
  readonly transport?: Transport;
  /** Shared by all clients of one platform. @default a new one per platform */
  readonly breaker?: CircuitBreaker;
  /** @default the runtime's */
  readonly clock?: Clock;
  /** Limit for a request, from connecting to the end of the response, in milliseconds. More than 0. @default 10_000 */
  readonly timeoutMs?: number;
  /** Product and version for `User-Agent`; browsers send their own. @default "x-platform-client/<version>" */
  readonly userAgent?: string;
  /**
   * Stores received credentials; the request waits for it. Called for every response with a token or an inbound secret,
   * which includes nearly every heartbeat.
   *
   * @default the `Auth` saves tokens; inbound secrets are ignored
   */
  readonly onIssued?: OnIssued;
  /** Called when a request succeeds with another token after a 401. Errors it throws are ignored. */
  readonly onTokenRecovered?: (event: TokenRecovered) => void;
  /** Called for each response with rate limit headers. Errors it throws are ignored. */
  readonly onRateLimit?: (seen: RateLimitSeen) => void;
}

/** State shared by all requests to one platform. */
export interface Platform {
  readonly origin: string;
  /** Paths are appended to this; ends with `/`. */
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The last request got a response, so its connection may be reused. */
  wasAnswered: boolean;
  /** Headers of every request: the `User-Agent`, except in browsers. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  readonly onIssued: OnIssued | undefined;
  readonly onTokenRecovered: ((event: TokenRecovered) => void) | undefined;
  readonly onRateLimit: ((seen: RateLimitSeen) => void) | undefined;
}

/** The sending workspace. */
export interface Sender {
  readonly platform: Platform;
  readonly auth: ClientAuth;
  readonly workspaceId: string;
  /** Replaces the platform's. */
  readonly onIssued?: OnIssued | undefined;
  readonly onTokenRecovered?: ((event: TokenRecovered) => void) | undefined;
}

/** @throws AuthError `PLATFORM_URL_INVALID`; TypeError for other invalid options */
export function platformOf(given: PlatformOptions): Platform {
  const options = plain(given);
  const { timeoutMs = 10_000, clock = systemClock } = options;
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be more than 0.");
  const origin = platformOrigin(options.platformUrl, "platformUrl");
  const userAgent = userAgentFor(options.userAgent);
  const { pathname } = new URL(String(options.platformUrl).trim());
  return {
    origin,
    baseUrl: origin + (pathname.endsWith("/") ? pathname : `${pathname}/`),
    transport: options.transport ?? fetchTransport(options.fetch),
    breaker: options.breaker ?? createCircuitBreaker({ clock }),
    clock,
    timeoutMs,
    wasAnswered: false,
    ownHeaders: userAgent === null ? {} : { "User-Agent": userAgent },
    onIssued: options.onIssued,
    onTokenRecovered: options.onTokenRecovered,
    onRateLimit: options.onRateLimit,
  };
}
