import type { TransportRequest, TransportResponse } from "@x/platform-client";
import { sleep } from "../src/clock.ts";
import type { Connection } from "../src/transport/connection.ts";
import type { Counters } from "./counters.ts";
import { type FaultSchedule, inOutage, noAnswer } from "./fault-schedule.ts";
import type { Platform } from "./platform.ts";
import { between, betweenLog, type Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface SimulatedConnectionOptions {
  readonly platform: Platform;
  readonly faults: FaultSchedule;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly counters: Counters;
  /** Fraction of the requests that are processed but whose answer never arrives, from 0 to 1. */
  readonly lostShare: () => number;
  /** Part of the requests that something else answers in the platform's place, and what it says. */
  readonly hostileShare: () => number;
  readonly hostileAnswer: (request: TransportRequest) => TransportResponse;
  /** For fault injection: what the runner gets to see instead of an answer. */
  readonly distort: (response: TransportResponse) => TransportResponse;
}

/** The connection to the simulated platform: with latency, outages, and lost answers. */
export function simulatedConnection(options: SimulatedConnectionOptions): Connection {
  const { platform, faults, time, random, counters, lostShare, hostileShare, hostileAnswer, distort } =
    options;

  /** Most answers take milliseconds, a few take seconds. */
  const latency = () => (random() < 0.01 ? between(random, 500, 5_000) : betweenLog(random, 5, 200));

  return {
    close: async () => {},
    async request(request: TransportRequest) {
      const { timeoutMs, signal } = request;
      counters.requests += 1;
      const outage = faults.current();
      if (outage !== null) {
        const [response, afterMs] = inOutage(outage, timeoutMs, random);
        await sleep(time, afterMs, signal);
        if (signal?.aborted) throw noAnswer("ABORTED");
        if (response instanceof Error) throw response;
        return distort(response);
      }
      if (random() < hostileShare()) {
        counters.hostileAnswers += 1;
        await sleep(time, latency(), signal);
        if (signal?.aborted) throw noAnswer("ABORTED");
        return distort(hostileAnswer(request));
      }
      counters.processed += 1;
      const { response, issued } = platform.process(request);
      const isLost = random() < lostShare();
      const hangs = isLost && random() < 0.5;
      await sleep(time, hangs ? timeoutMs : latency(), signal);
      const isAborted = signal?.aborted === true;
      if (issued !== null) platform.handOver(issued.to, issued.token, !isLost && !isAborted);
      if (isAborted) throw noAnswer("ABORTED");
      if (!isLost) return distort(response);
      counters.lostAnswers += 1;
      throw noAnswer(hangs ? "TIMEOUT" : "ECONNRESET");
    },
  };
}
