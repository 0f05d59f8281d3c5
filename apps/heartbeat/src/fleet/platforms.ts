import {
  createCircuitBreaker,
  createPlatformClients,
  type PlatformClient,
  type WorkspaceClientOptions,
} from "@x/platform-client";
import type { Clock } from "../clock.ts";
import type { Connect, Connection } from "../transport/connection.ts";
import type { PlatformPause } from "./entry.ts";

/** What the workspaces of one platform share: connections, and what is known of its health. */
export interface PlatformAccess extends PlatformPause {
  createClient(workspace: WorkspaceClientOptions): PlatformClient;
}

export interface PlatformsOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly connect: Connect;
}

/** The platforms of a fleet, by base URL. */
export class Platforms {
  readonly #options: PlatformsOptions;
  readonly #byUrl = new Map<string, PlatformAccess & { readonly connection: Connection }>();

  constructor(options: PlatformsOptions) {
    this.#options = options;
  }

  at(platformUrl: string): PlatformAccess {
    const known = this.#byUrl.get(platformUrl);
    if (known !== undefined) return known;
    const { clock, timeoutMs, userAgent, connect } = this.#options;
    const connection = connect(platformUrl, clock);
    const breaker = createCircuitBreaker({ clock });
    const createClient = createPlatformClients({
      platformUrl,
      transport: connection,
      breaker,
      clock,
      timeoutMs,
      userAgent,
    });
    const platform = { connection, createClient, pauseMs: () => breaker.retryAfterMs("registry") };
    this.#byUrl.set(platformUrl, platform);
    return platform;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byUrl.values()].map(({ connection }) => connection.close()));
  }
}
