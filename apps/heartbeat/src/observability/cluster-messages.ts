import type { ClusterEvent } from "../cluster/cluster-events.ts";
import { codeOf } from "./catalogue/catalogue.ts";
import { counted } from "./counted.ts";
import type { LogRecord } from "./log-message.ts";

/** The log message for an event of a runner in a cluster. */
export function clusterMessage(event: ClusterEvent): LogRecord {
  return { code: `CLUSTER_${codeOf(event.type)}`, ...lineOf(event) };
}

function lineOf(event: ClusterEvent): Omit<LogRecord, "code"> {
  switch (event.type) {
    case "joined":
      return { level: "info", text: "joined the fleet" };
    case "evicted":
      return {
        level: "warn",
        text: "another runner took over, because this one was paused or could not reach the store; joining again",
      };
    case "runner-evicted":
      return {
        level: "warn",
        text: `evicted ${event.name} (${event.runner}), which died or cannot reach the store`,
      };
    case "shards-gained": {
      const from = event.handedOver > 0 ? `, ${event.handedOver} of them released by their owners` : "";
      return { level: "info", text: `took over ${event.count} of the fleet's 256 shards${from}` };
    }
    case "shards-released":
      return { level: "info", text: `released ${counted(event.count, "shard")} to other runners` };
    case "lease-expired":
      return {
        level: "warn",
        text: "the lease has expired, because the store cannot be reached: heartbeats continue, but nothing registers and no messages are handled",
      };
    case "lease-renewed":
      return { level: "info", text: "the lease is valid again" };
    case "store-unreachable":
      return { level: "error", text: `the store cannot be reached; heartbeats continue. ${event.message}` };
    case "store-reachable":
      return {
        level: "info",
        text: `the store can be reached again after ${Math.round(event.afterMs / 1_000)} s`,
      };
    case "tokens-caught-up":
      return caughtUp(event);
    case "tokens-restored": {
      return {
        level: "warn",
        text: `the store had lost ${counted(event.count, "token")} that this runner knew, as after a failover; stored again`,
      };
    }
    case "list-mismatch":
      return {
        level: "warn",
        text: `${event.runners.join(", ")} has a different list of workspaces: give all runners of a fleet the same list`,
      };
    case "list-match":
      return { level: "info", text: "all runners have the same list of workspaces again" };
  }
}

function caughtUp({ stored, kept, failed }: Extract<ClusterEvent, { type: "tokens-caught-up" }>) {
  const parts = [
    [stored, "stored that only this machine had"],
    [kept, "kept on this machine, because the store holds a different one that may be newer"],
    [failed, "that cannot be read from this machine's disk or compared with the store; retried"],
  ] as const;
  const found = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return {
    level: kept + failed > 0 ? ("warn" as const) : ("info" as const),
    text: `tokens: ${found.join("; ")}`,
  };
}
