import { sleep } from "../../src/clock.ts";
import type { PlatformClient } from "../../src/platform/client.ts";
import type { Reply } from "../../src/platform/reply.ts";
import { PLATFORM_URL, type Platform } from "./platform.ts";
import { between, betweenLog, type Random } from "./random.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { inOutage, noAnswer, type Weather } from "./weather.ts";

export interface SimulatedClientOptions {
  readonly platform: Platform;
  readonly weather: Weather;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly tally: Tally;
  /** Part of the requests that are processed and whose answer never arrives, from 0 to 1. */
  readonly lostShare: () => number;
  /** For a sabotage: what the runner gets to see instead of an answer. */
  readonly distort: (reply: Reply) => Reply;
}

/** The way to the simulated platform: with latency, outages, and answers that get lost. */
export function simulatedClient(options: SimulatedClientOptions): PlatformClient {
  const { platform, weather, time, random, tally, lostShare, distort } = options;

  /** Most answers take some milliseconds, a few take seconds. */
  const latency = () => (random() < 0.01 ? between(random, 500, 5_000) : betweenLog(random, 5, 200));

  return {
    baseUrl: PLATFORM_URL,
    close: async () => {},
    async send(request) {
      const { timeoutMs, signal } = request;
      tally.requests += 1;
      const outage = weather.current();
      if (outage !== null) {
        const [reply, afterMs] = inOutage(outage, timeoutMs, random);
        await sleep(time, afterMs, signal);
        return signal?.aborted ? noAnswer("STOPPED") : distort(reply);
      }
      tally.processed += 1;
      const { reply, issued } = platform.process(request);
      const isLost = random() < lostShare();
      const hangs = isLost && random() < 0.5;
      await sleep(time, hangs ? timeoutMs : latency());
      const arrived = !isLost && signal?.aborted !== true;
      if (issued !== null) platform.handOver(issued.to, issued.token, arrived);
      if (signal?.aborted) return noAnswer("STOPPED");
      if (!isLost) return distort(reply);
      tally.lostAnswers += 1;
      return noAnswer(hangs ? "TIMEOUT" : "ECONNRESET");
    },
  };
}
