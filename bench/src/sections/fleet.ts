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
        "A heartbeat includes its accompanying requests: one for the delegations each time, and one for the workspace's status every five minutes. All of them send the same requests over 64 connections (Python: one at a time) to a bare `node:http` server in a separate process. At full speed, the fleet has 256 workspaces that are due again sooner than they can be served, and chooses the ratio of the two requests; the bare client uses the same ratio.",
        "The Python of the last row also creates the TLS context that an HTTP client library creates with each client; the other one does not. Both use only the standard library.",
        "The cost of a heartbeat network aside is measured in simulated time, without a network or a disk, each size in a separate process. Its floor builds the same bodies with `JSON.stringify` and parses the same answers with `JSON.parse`, in the same process. The growth comes from garbage collections of a larger heap; no list is traversed.",
      ],
    };
  } finally {
    scratch.remove();
    await platform.stop();
  }
}
