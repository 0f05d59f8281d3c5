import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startChild } from "./children.ts";

/** Listens on a free port of this machine. @returns host and port */
export async function listen(server: Pick<Server, "listen" | "address">): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A platform in a separate process, so that its cost is not attributed to the runner. */
export async function startPlatform() {
  const child = await startChild("platform");
  return { url: await child.ask<string>({}), stop: child.stop };
}
