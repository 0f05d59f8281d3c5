import { sleep } from "../src/clock.ts";
import type { PlatformClient } from "../src/transport/client.ts";
import type { Reply } from "../src/transport/reply.ts";
import type { Counters } from "./counters.ts";
import { type FaultSchedule, inOutage, noAnswer } from "./fault-schedule.ts";
import { PLATFORM_URL, type Platform } from "./platform.ts";
import { between, betweenLog, type Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface SimulatedClientOptions {
  readonly platform: Platform;
  readonly faults: FaultSchedule;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly counters: Counters;
  /** Part of the requests that are processed and whose answer never arrives, from 0 to 1. */
  readonly lostShare: () => number;
  /** For fault injection: what the runner gets to see instead of an answer. */
  readonly distort: (reply: Reply) => Reply;
}

/** The way to the simulated platform: with latency, outages, and answers that get lost. */
export function simulatedClient(options: SimulatedClientOptions): PlatformClient {
  const { platform, faults, time, random, counters, lostShare, distort } = options;

  /** Most answers take some milliseconds, a few take seconds. */
  const latency = () => (random() < 0.01 ? between(random, 500, 5_000) : betweenLog(random, 5, 200));

  return {
    baseUrl: PLATFORM_URL,
    close: async () => {},
    async send(request) {
      const { timeoutMs, signal } = request;
      counters.requests += 1;
      const outage = faults.current();
      if (outage !== null) {
        const [reply, afterMs] = inOutage(outage, timeoutMs, random);
        await sleep(time, afterMs, signal);
        return signal?.aborted ? noAnswer("STOPPED") : distort(reply);
      }
      counters.processed += 1;
      const { reply, issued } = platform.process(request);
      const isLost = random() < lostShare();
      const hangs = isLost && random() < 0.5;
      await sleep(time, hangs ? timeoutMs : latency());
      const arrived = !isLost && signal?.aborted !== true;
      if (issued !== null) platform.handOver(issued.to, issued.token, arrived);
      if (signal?.aborted) return noAnswer("STOPPED");
      if (!isLost) return distort(reply);
      counters.lostAnswers += 1;
      return noAnswer(hangs ? "TIMEOUT" : "ECONNRESET");
    },
  };
}
