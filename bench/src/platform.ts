import { startChild } from "./children.ts";

export interface Platform {
  readonly url: string;
  stop(): Promise<void>;
}

/** A platform in a separate process, so that its cost is not attributed to the runner. */
export async function startPlatform(): Promise<Platform> {
  const child = await startChild("platform");
  return { url: await child.ask<string>({}), stop: child.stop };
}
