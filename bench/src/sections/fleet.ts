import { scratchDirectory } from "../file-system.ts";
import { startPlatform } from "../platform.ts";
import type { Effort, Section } from "../results.ts";
import { bytes } from "./bytes.ts";
import { growth } from "./growth.ts";
import { handshakes } from "./handshakes.ts";
import { idle } from "./idle.ts";
import { pace } from "./pace.ts";
import { throughput } from "./throughput.ts";

export async function fleet(effort: Effort): Promise<Section> {
  const platform = await startPlatform();
  const scratch = scratchDirectory();
  try {
    const parts = [
      await throughput(platform.url, scratch.path, effort),
      await idle(platform.url, scratch.path, effort),
      await handshakes(scratch.path, effort),
      await bytes(scratch.path, effort),
      await growth(effort),
      await pace(effort),
    ];
    return {
      id: "fleet",
      title: "A fleet",
      tables: parts.flatMap(({ tables }) => tables),
      targets: parts.flatMap(({ targets }) => targets),
      remarks: [
        "A heartbeat counts with what the runner sends beside it: a request for the delegations each time, and every five minutes one for the status of the workspace. All of them send the same requests over 64 connections (Python: one at a time) to a bare `node:http` server in a process of its own. As fast as it goes, the fleet has 128 workspaces that are due again sooner than they can be served, and decides itself which of the two requests it sends more often; the bare client sends them in the same ratio.",
        "The Python of the last row also makes the TLS context that an HTTP client library makes with each client; the other one leaves that out. Both have the standard library only.",
        "What a heartbeat costs network aside is measured in simulated time, without a network or a disk, each size in a process of its own. Its floor builds the same bodies with `JSON.stringify` and parses the same answers with `JSON.parse`, in the same process. What grows is the heap that each garbage collection has to go through; no list is walked.",
      ],
    };
  } finally {
    scratch.remove();
    await platform.stop();
  }
}
