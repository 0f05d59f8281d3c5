import { ConfigError } from "./problems.ts";
import type { WorkspaceConfig, Workspaces } from "./workspaces.ts";

/**
 * The workspace of a command that works on exactly one.
 *
 * @param does the verb, such as `sends`
 * @throws ConfigError when there are several
 */
export function onlyWorkspace({ workspaces }: Pick<Workspaces, "workspaces">, does: string): WorkspaceConfig {
  const [only, another] = workspaces;
  if (only !== undefined && another === undefined) return only;
  throw new ConfigError([`There is a list of workspaces; say which one ${does} with --workspace-id.`]);
}
