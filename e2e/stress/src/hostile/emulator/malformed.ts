import fc from "fast-check";
import type { Tally } from "../../report/finding.ts";
import { statusesIn, talk } from "../sockets.ts";
import { requests } from "./requests.ts";

const AT_ONCE = 64;
const TIMEOUT_MS = 15_000;

/** The valid statuses. 500 answers a NUL, 410 an unknown cursor. */
const POSSIBLE = new Set([
  100, 200, 201, 202, 204, 400, 401, 403, 404, 405, 408, 409, 410, 413, 414, 417, 429, 431, 500, 501, 503,
  505,
]);

/** Malformed or mutated requests, one per connection; some are followed by a pipelined request. */
export async function sendMalformed(port: number, count: number, seed: number, tally: Tally): Promise<void> {
  const chunk = 500;
  for (let done = 0; done < count; done += chunk) {
    const left = fc
      .sample(fc.array(requests, { minLength: 1, maxLength: 3 }), {
        numRuns: Math.min(chunk, count - done),
        seed: seed + done,
      })
      .values();
    const lane = async () => {
      for (const pipelined of left) {
        const bytes = Buffer.concat(pipelined);
        const wrong = await exchange(port, bytes);
        tally.add(
          wrong === null ? null : `${wrong}: ${JSON.stringify(bytes.toString("latin1").slice(0, 200))}`,
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }
}

async function exchange(port: number, bytes: Buffer): Promise<string | null> {
  const { text, closed } = await talk({
    port,
    say: (socket) => socket.write(bytes),
    endAfterMs: 100,
    withinMs: TIMEOUT_MS,
  });
  if (!closed) return "neither answered nor closed";
  return checkResponse(text);
}

/** @returns what is wrong with the response; none at all means a closed connection */
export function checkResponse(text: string): string | null {
  const statuses = statusesIn(text);
  if (statuses === null) return "the answer is not HTTP";
  const odd = statuses.find((status) => !POSSIBLE.has(status));
  if (odd !== undefined) return `answered ${odd}`;
  return text.includes("internal server error") ? "answered with an internal error" : null;
}
