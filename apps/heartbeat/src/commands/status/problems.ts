import type { ClusterReport } from "../../cluster/cluster-report.ts";
import type { WorkspaceReport, WorkspacesReport } from "../../observability/workspaces-report.ts";

/** What an operator should see. A first registration is not a problem. */
export const isProblem = ({ problem }: WorkspaceReport): boolean => problem !== null;

/** What is wrong with the runner as a whole. */
export function problemsOfRunner({ health, config, cluster }: WorkspacesReport): readonly string[] {
  const ofHealth = {
    ok: [],
    starting: ["It waits for the store before it starts: see STORE_UNREACHABLE in the log."],
    failing: ["No heartbeat is accepted, or the platform has removed all workspaces."],
  };
  return [
    ...ofHealth[health.status],
    ...(config.last_reload_successful
      ? []
      : [
          `The changed configuration is invalid; the version from ${config.last_reload_success_at} stays in effect: ` +
            "see CONFIG_REJECTED in the log.",
        ]),
    // Until the store has answered, nothing is known of the others.
    ...(cluster && health.status !== "starting" ? problemsOfCluster(cluster) : []),
  ];
}

function problemsOfCluster({ store_up, list_mismatch, shards }: ClusterReport): readonly string[] {
  const found: readonly (readonly [boolean, string])[] = [
    [
      !store_up,
      "The store cannot be reached; heartbeats continue, nothing registers: see CLUSTER_STORE_UNREACHABLE in the log.",
    ],
    [
      store_up && shards.unowned > 0,
      `${shards.unowned} of 256 shards have no owner: no heartbeats are sent for their workspaces. ` +
        "Runners take them over within 20 s.",
    ],
    [
      list_mismatch,
      "Another runner has a different list of workspaces: give all runners the same one. See CLUSTER_LIST_MISMATCH in the log.",
    ],
  ];
  return found.flatMap(([isFound, problem]) => (isFound ? [problem] : []));
}
