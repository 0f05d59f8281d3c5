import type { Mix } from "./heartbeat.ts";

/** The rate of answered requests, and this process's CPU time for each. */
export interface Throughput {
  readonly requestsPerSecond: number;
  readonly cpuMicroseconds: number;
  /** The answered requests by kind. */
  readonly mix: Mix;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** @param sent the number of requests sent, or answered, so far */
export async function measureThroughput(
  sent: Readonly<Mix>,
  during: () => Promise<unknown>,
): Promise<Throughput> {
  const before = { ...sent, cpu: process.cpuUsage(), at: performance.now() };
  await during();
  const mix: Mix = {
    heartbeats: sent.heartbeats - before.heartbeats,
    delegations: sent.delegations - before.delegations,
    others: sent.others - before.others,
  };
  const requests = totalOf(mix);
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    requestsPerSecond: (requests * 1000) / (performance.now() - before.at),
    cpuMicroseconds: (user + system) / requests,
    mix,
  };
}

export const totalOf = ({ heartbeats, delegations, others }: Readonly<Mix>): number =>
  heartbeats + delegations + others;
