import type { TransportRequest } from "@x/platform-client";
import { type Connect, connect } from "../src/transport/connection.ts";
import { gate } from "./scheduled.ts";

interface Hold {
  readonly pathEnd: string;
  readonly arrived: () => void;
  readonly released: Promise<void>;
}

/** The real connections, except for what the test holds back. */
export function holdAnswers() {
  const holds: Hold[] = [];
  const take = ({ url }: TransportRequest): Hold | undefined => {
    const index = holds.findIndex(({ pathEnd }) => new URL(url).pathname.endsWith(pathEnd));
    return index < 0 ? undefined : holds.splice(index, 1)[0];
  };
  return {
    connect(...parts: Parameters<Connect>): ReturnType<Connect> {
      const connection = connect(...parts);
      return {
        close: connection.close,
        async request(request) {
          const hold = take(request);
          const response = await connection.request(request);
          hold?.arrived();
          await hold?.released;
          return response;
        },
      };
    },
    /** Holds back the answer to the next request whose path has this suffix. The platform has processed it. */
    hold(pathEnd: string) {
      const [arrival, release] = [gate(), gate()];
      holds.push({ pathEnd, arrived: arrival.open, released: release.opened });
      // `arrived` settles when the answer has arrived; `release` lets it through.
      return { arrived: arrival.opened, release: release.open };
    },
  };
}
