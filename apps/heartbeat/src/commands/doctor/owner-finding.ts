import type { Ownerships } from "../../cluster/lease-store.ts";
import { type Finding, note, ok } from "./findings.ts";

/** Who owns a workspace's shard. */
export function ownerFinding({ runners, owners }: Ownerships, shard: number): Finding {
  const owner = runners.find(({ id }) => id === owners[shard]);
  if (owner === undefined) return note("owner", `no runner owns it (shard ${shard})`);
  return ok("owner", `${owner.name} (shard ${shard})`);
}
