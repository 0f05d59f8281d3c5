import type { WorkspaceReport, WorkspacesReport } from "../../observability/workspaces-report.ts";

/** What an operator should see. A first registration is not a problem. */
export const isProblem = ({ problem }: WorkspaceReport): boolean => problem !== null;

/** Problems of the runner as a whole. */
export function problemsOfRunner({ health, config }: WorkspacesReport): readonly string[] {
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
          `The changed configuration cannot be used, and the one of ${config.last_reload_success_at} is in effect: ` +
            "see CONFIG_REJECTED in the log.",
        ]),
  ];
}
