import { platformOrigin } from "@x/auth-core";
import type { ClientAuth } from "./auth.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type FetchLike, fetchTransport } from "./fetch-transport.ts";
import type { OnIssued } from "./issued.ts";
import { plain } from "./plain.ts";
import type { Transport } from "./transport.ts";
import { userAgentFor } from "./user-agent.ts";

/** A request was rejected with 401, then accepted with another token. */
export interface TokenRecovered {
  readonly workspaceId: string;
  readonly platformOrigin: string;
}

/** What clients of one platform have in common. */
export interface PlatformOptions {
  /** The platform's base URL, http or https. Its path, if any, comes before those of the routes. */
  readonly platformUrl: string;
  /** @default the runtime's */
  readonly fetch?: FetchLike;
  /** Carries the requests, in place of `fetch`. */
  readonly transport?: Transport;
  /** Shared by all clients of one platform. @default one of this platform's own */
  readonly breaker?: CircuitBreaker;
  /** @default the runtime's */
  readonly clock?: Clock;
  /** For one request, from connecting to the end of its answer. More than 0. @default 10_000 */
  readonly timeoutMs?: number;
  /** Product and version, for `User-Agent`; browsers send their own. @default "x-platform-client/<version>" */
  readonly userAgent?: string;
  /**
   * Stores what the platform issues; the request settles after it. Called for every answer that holds a token or an
   * inbound secret, so for nearly every heartbeat.
   *
   * @default the `Auth` saves tokens; inbound secrets are ignored
   */
  readonly onIssued?: OnIssued;
  /** Called after a 401 when the same request was accepted with another token. What it throws is ignored. */
  readonly onTokenRecovered?: (event: TokenRecovered) => void;
}

/** What all requests to one platform share. */
export interface Platform {
  readonly origin: string;
  /** What paths are appended to; ends with `/`. */
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly userAgent: string | null;
  readonly onIssued: OnIssued | undefined;
  readonly onTokenRecovered: ((event: TokenRecovered) => void) | undefined;
}

/** Whose requests they are. */
export interface Sender {
  readonly platform: Platform;
  readonly auth: ClientAuth;
  readonly workspaceId: string;
  /** In place of the platform's. */
  readonly onIssued?: OnIssued | undefined;
  readonly onTokenRecovered?: ((event: TokenRecovered) => void) | undefined;
}

/** @throws AuthError `PLATFORM_URL_INVALID`; TypeError for another option */
export function platformOf(given: PlatformOptions): Platform {
  const options = plain(given);
  const { timeoutMs = 10_000, clock = systemClock } = options;
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be more than 0.");
  const origin = platformOrigin(options.platformUrl, "platformUrl");
  const { pathname } = new URL(options.platformUrl.trim());
  return {
    origin,
    baseUrl: origin + (pathname.endsWith("/") ? pathname : `${pathname}/`),
    transport: options.transport ?? fetchTransport(options.fetch),
    breaker: options.breaker ?? createCircuitBreaker({ clock }),
    clock,
    timeoutMs,
    userAgent: userAgentFor(options.userAgent),
    onIssued: options.onIssued,
    onTokenRecovered: options.onTokenRecovered,
  };
}
