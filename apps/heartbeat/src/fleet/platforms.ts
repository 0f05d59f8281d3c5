import { platformOrigin } from "@x/auth-core";
import {
  createCircuitBreaker,
  createPlatformClients,
  type PlatformClient,
  type Transport,
  type TransportResponse,
  type WorkspaceClientOptions,
} from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { Timing } from "../config/timing.ts";
import type { Connect, Connection } from "../transport/connection.ts";
import { compareClocks } from "../transport/server-clock.ts";
import type { Job } from "../workspace/jobs/job.ts";
import type { PlatformPause } from "./entry.ts";
import { type PaceEvent, Pacer, type PaceStatus } from "./pacer.ts";

/** What the workspaces of one platform share: connections and health. */
export interface PlatformAccess extends PlatformPause {
  /** The intervals that the platform's rate limit allows. */
  readonly timing: Timing;
  readonly pacer: Pacer;
  createClient(workspace: WorkspaceClientOptions): PlatformClient;
}

export interface PlatformsOptions {
  readonly clock: Clock;
  readonly timing: Timing;
  /** From one check of an inbox to the next; `null` when inboxes are not checked. @default null */
  readonly inboxMs?: number | null;
  readonly onPace?: (event: PaceEvent) => void;
  readonly userAgent: string;
  readonly connect: Connect;
  /** Called with the offset of this machine's clock from a platform's. @default not compared */
  readonly onClockOffset?: ((platformOrigin: string, ms: number) => void) | undefined;
}

/** The platforms of a fleet, by base URL. */
export class Platforms {
  readonly #options: PlatformsOptions;
  readonly #byUrl = new Map<string, PlatformAccess & { readonly connection: Connection }>();

  constructor(options: PlatformsOptions) {
    this.#options = options;
  }

  at(url: string): PlatformAccess {
    const platformUrl = baseUrlOf(url);
    const known = this.#byUrl.get(platformUrl);
    if (known !== undefined) return known;
    const {
      clock,
      timing,
      inboxMs = null,
      userAgent,
      connect,
      onClockOffset,
      onPace = () => {},
    } = this.#options;
    const { intervalMs, timeoutMs } = timing;
    const origin = platformOrigin(platformUrl);
    const pacer = new Pacer({
      platformOrigin: origin,
      intervalMs,
      inboxMs,
      clock,
      onEvent: onPace,
    });
    const connection = connect(platformUrl, clock);
    const compare =
      onClockOffset === undefined
        ? () => {}
        : compareClocks({ wall: clock.wall, onOffset: (ms) => onClockOffset(origin, ms) });
    const transport = observed(connection, pacer, compare);
    const breaker = createCircuitBreaker({ clock });
    const createClient = createPlatformClients({
      platformUrl,
      transport,
      breaker,
      clock,
      timeoutMs,
      userAgent,
      onRateLimit: (seen) => pacer.observe(seen),
    });
    const platform = {
      connection,
      createClient,
      pacer,
      timing: timingOf(timing, pacer),
      pauseMs: () => Math.max(breaker.retryAfterMs("registry"), pacer.stepPauseMs()),
      room: () => pacer.room(),
      stepBegins: () => pacer.stepBegins(),
      stepEnds: () => pacer.stepEnds(),
      heartbeatMs: () => pacer.heartbeatMs,
      jobMs: (job: Job) => pacer.jobMs(job),
      jobPauseMs: (job: Job) => pacer.jobPauseMs(job),
    };
    this.#byUrl.set(platformUrl, platform);
    return platform;
  }

  paces(): PaceStatus[] {
    return [...this.#byUrl.values()].flatMap(({ pacer }) => pacer.status() ?? []);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byUrl.values()].map(({ connection }) => connection.close()));
  }
}

/** Normalized, so that workspaces share a platform however their entries spell it. */
const baseUrlOf = (url: string): string => new URL(url).href.replace(/\/+$/, "");

/**
 * A stretched interval does not make a workspace overdue; and a platform with a rate limit takes a workspace back with
 * a heartbeat, however long it was silent.
 */
const timingOf = (timing: Timing, pacer: Pacer): Timing => ({
  ...timing,
  get intervalMs() {
    return pacer.heartbeatMs;
  },
  get livenessTimeoutMs() {
    return pacer.hasLimit ? Number.POSITIVE_INFINITY : timing.livenessTimeoutMs;
  },
});

/** Counts the requests and inspects the answers; one function serves all workspaces. */
function observed(
  transport: Transport,
  pacer: Pacer,
  compare: (response: TransportResponse) => void,
): Transport {
  const onResponse = (response: TransportResponse) => {
    pacer.ended();
    compare(response);
    return response;
  };
  const onFailure = (error: unknown) => {
    pacer.ended();
    throw error;
  };
  return {
    request(request) {
      pacer.sent();
      return transport.request(request).then(onResponse, onFailure);
    },
  };
}
