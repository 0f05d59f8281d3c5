/** How fast requests were answered, and what one of them took of this process's CPU time. */
export interface Throughput {
  readonly requestsPerSecond: number;
  readonly cpuMicroseconds: number;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** @param requests how many were answered so far */
export async function measureThroughput(
  requests: () => number,
  during: () => Promise<unknown>,
): Promise<Throughput> {
  const before = { requests: requests(), cpu: process.cpuUsage(), at: performance.now() };
  await during();
  const answered = requests() - before.requests;
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    requestsPerSecond: (answered * 1000) / (performance.now() - before.at),
    cpuMicroseconds: (user + system) / answered,
  };
}
