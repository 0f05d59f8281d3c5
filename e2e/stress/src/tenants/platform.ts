import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { openRawServer } from "../hostile/raw-server.ts";

export type Platform = Awaited<ReturnType<typeof openPlatform>>;

const SLOWEST_MS = 3;

/** One tenant's platform. It records every byte it receives. */
export async function openPlatform(fixtures: Fixtures, name: string) {
  const requests: string[] = [];
  const tokens: string[] = [];
  let good = "";
  let elsewhere = "";
  let unauthorized = 0;

  const answerTo = (request: string) => {
    if (request.includes(" /elsewhere")) {
      return `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${elsewhere}/redirected\r\nContent-Length: 0\r\n\r\n`;
    }
    if (request.toLowerCase().includes(`\r\nauthorization: bearer ${good.toLowerCase()}\r\n`)) {
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    }
    unauthorized += 1;
    return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}";
  };
  const { origin, close } = await openRawServer(async (_head, socket, request) => {
    requests.push(request);
    await sleep(Math.random() * SLOWEST_MS);
    socket.write(answerTo(request));
  });
  fixtures.undo(close);
  return {
    /** `http://127.0.0.1:<port>` */
    origin,
    /** Every request, complete, as Latin-1. */
    requests,
    /** Every token issued so far, the newest last. */
    tokens,
    /** The number of 401 answers. */
    unauthorized: () => unauthorized,
    /** Issues a token that is not valid yet. */
    issue() {
      const token = `${name}-s3cr3t-${randomBytes(24).toString("base64url")}`;
      tokens.push(token);
      return token;
    },
    /** From now on, only this token is valid. */
    accept(token: string) {
      good = token;
    },
    /** The target of `/elsewhere`. */
    redirectTo(origin: string) {
      elsewhere = origin;
    },
  };
}
