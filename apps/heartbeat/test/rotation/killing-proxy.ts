import { type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { serveHttp } from "../support/servers.ts";

/** When a process is killed, from the platform's point of view. */
export interface Moment {
  /** At its nth request. */
  readonly request: number;
  /**
   * `before` the platform receives it; once it is `committed`, before the answer; or `afterMs` after its answer was
   * passed on.
   */
  readonly when: "before" | "committed" | { readonly afterMs: number };
}

/** Sits between a process and its platform, and sees each step of one before the other does. */
export async function killingProxy(platformUrl: string, onStep: () => Promise<void>) {
  let moment: Moment | null = null;
  let kill = () => {};
  let count = 0;
  const forwarded: string[] = [];

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    count += 1;
    const isIt = count === moment?.request;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    await onStep();
    if (isIt && moment?.when === "before") return die(outgoing);
    forwarded.push(`${incoming.method} ${incoming.url}`);
    const answer = await forward(platformUrl, incoming, Buffer.concat(chunks));
    await onStep();
    if (isIt && moment?.when === "committed") return die(outgoing);
    outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
    if (isIt && typeof moment?.when === "object") setTimeout(kill, moment.when.afterMs);
  }

  function die(outgoing: ServerResponse): void {
    kill();
    outgoing.destroy();
  }

  const url = await serveHttp((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return {
    url,
    /** Paths of the requests that the platform has received since then. */
    forwarded,
    /** Starts with a process, to be killed at a moment; `null` for never. */
    watch(next: Moment | null, killNext: () => void) {
      moment = next;
      kill = killNext;
      count = 0;
      forwarded.length = 0;
    },
  };
}

function forward(platformUrl: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { host, origin } = new URL(platformUrl);
    const options = { method, headers: { ...headers, host, origin } };
    const outgoing = requestHttp(new URL(url ?? "/", platformUrl), options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
