import { startChild } from "./children.ts";

export interface Platform {
  readonly url: string;
  stop(): Promise<void>;
}

/** A platform in a process of its own, so that what it takes is not taken for the runner's. */
export async function startPlatform(): Promise<Platform> {
  const child = await startChild("platform");
  return { url: await child.ask<string>({}), stop: child.stop };
}
