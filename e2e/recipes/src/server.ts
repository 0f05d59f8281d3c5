import type { IncomingHttpHeaders } from "node:http";
import { listen } from "../../../packages/auth-core/test/support/server.ts";

/** A server at a foreign origin, and the requests it received. */
export async function startForeign(): Promise<{ url: string; received: IncomingHttpHeaders[] }> {
  const received: IncomingHttpHeaders[] = [];
  const url = await listen(({ headers }, response) => {
    received.push(headers);
    response.end("{}");
  });
  return { url, received };
}
