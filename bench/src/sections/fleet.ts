import { scratchDirectory } from "../file-system.ts";
import { startPlatform } from "../platform.ts";
import type { Effort, Section } from "../results.ts";
import { growth } from "./growth.ts";
import { idle } from "./idle.ts";
import { throughput } from "./throughput.ts";

export async function fleet(effort: Effort): Promise<Section> {
  const platform = await startPlatform();
  const scratch = scratchDirectory();
  try {
    const fast = await throughput(platform.url, scratch.path, effort);
    const slow = await idle(platform.url, scratch.path, effort);
    const grown = await growth(effort);
    return {
      id: "fleet",
      title: "A fleet",
      tables: [...fast.tables, ...slow.tables, grown],
      targets: [...fast.targets, ...slow.targets],
      remarks: [
        "A heartbeat counts with what the runner sends beside it: a request for the delegations each time, and every five minutes one for the status of the workspace. All of them send the same requests over 64 connections (Python: one at a time) to a bare `node:http` server in a process of its own. As fast as it goes, the fleet has 128 workspaces that are due again sooner than they can be served, and decides itself which of the two requests it sends more often; the bare client sends them in the same ratio.",
        "The Python of the last row also makes the TLS context that an HTTP client library makes with each client; the other one leaves that out. Both have the standard library only.",
        "Growth is in simulated time, without a network or a disk, each size in a process of its own. What grows is the heap that each garbage collection has to go through; no list is walked.",
      ],
    };
  } finally {
    scratch.remove();
    await platform.stop();
  }
}
