import type { HeartbeatStats, PlatformResult, Receipt } from "@x/platform-client";
import { Stopwatch } from "../clock.ts";
import type { WorkspaceContext } from "./agent-options.ts";
import type { ErrorRate } from "./error-rate.ts";
import type { WorkspaceJobs } from "./workspace-jobs.ts";

/** What a workspace's heartbeats report. */
interface HeartbeatSources {
  readonly errorRate: ErrorRate;
  readonly jobs: Pick<WorkspaceJobs, "card" | "currentTask">;
}

/** The fields that the platform expects in each heartbeat. */
export class Heartbeat {
  readonly #context: Pick<WorkspaceContext, "environment">;
  readonly #errorRate: ErrorRate;
  readonly #jobs: HeartbeatSources["jobs"];
  readonly #uptime = new Stopwatch();
  /** From the last answer; `null` if there was none. */
  #generation: number | null = null;

  constructor(context: Pick<WorkspaceContext, "environment">, { errorRate, jobs }: HeartbeatSources) {
    this.#context = context;
    this.#errorRate = errorRate;
    this.#jobs = jobs;
    this.#uptime.start(context.environment.clock);
  }

  /** The outcome. */
  answered(result: PlatformResult<Receipt & { readonly generation?: number | null }>): void {
    if (result.ok) this.#generation = result.value.generation ?? this.#generation;
  }

  stats(): HeartbeatStats {
    const { clock, runtime } = this.#context.environment;
    const { rate, sampleError } = this.#errorRate.now();
    const stats = {
      errorRate: rate,
      sampleError,
      uptimeSeconds: Math.floor(this.#uptime.elapsedMs(clock) / 1000),
    };
    const agentCard = this.#jobs.card.changed();
    const currentTask = this.#jobs.currentTask();
    const isUsual = agentCard === undefined && currentTask === null && this.#generation === null;
    if (isUsual && runtime === undefined) return stats;
    return {
      ...(currentTask !== null && { activeTasks: 1, currentTask }),
      ...stats,
      ...(this.#generation !== null && { observedGeneration: this.#generation }),
      ...(agentCard !== undefined && { agentCard }),
      ...runtime?.(),
    };
  }
}
