import {
  type Env,
  parseWorkspaces,
  platformOrigin,
  validateWorkspaceId,
  type WorkspaceEntry,
} from "@x/auth-core";
import type { ConfigFiles } from "./config-files.ts";
import { Problems } from "./problems.ts";

/** Flags that name workspaces, as the command line gives them; each takes precedence over its environment variable. */
export interface WorkspacesFlags {
  readonly platformUrl?: string;
  readonly workspaceId?: string;
  readonly workspacesFile?: string;
}

/** A workspace that is to be kept alive. */
export interface WorkspaceConfig {
  readonly id: string;
  readonly platformUrl: string;
  /** True when it names its own platform: the tenant from the environment does not apply there. */
  readonly ownPlatform: boolean;
  /** True for one of a list; else the token of the environment is its own. */
  readonly isListed: boolean;
  /** From the list. The workspace's stored token takes precedence, until it is rejected. */
  readonly token?: string;
}

export interface Workspaces {
  readonly workspaces: readonly WorkspaceConfig[];
  /** True when they come from a list: then each keeps its token in its own directory. */
  readonly isFleet: boolean;
}

/**
 * The workspaces of `--workspaces-file`, else of `MOLECULE_WORKSPACES`; without a list the one of `WORKSPACE_ID`.
 *
 * @throws ConfigError with all problems at once
 */
export function readWorkspaces(
  flags: WorkspacesFlags,
  env: Env,
  files: Pick<ConfigFiles, "text">,
): Workspaces {
  const problems = new Problems();
  const list = problems.attempt(() => readList(flags, env, files), []);
  const workspaces = list === null ? single(flags, env, problems) : fleet(list, flags, env, problems);
  problems.throwIfAny();
  return { workspaces, isFleet: list !== null };
}

function readList(
  { workspacesFile }: WorkspacesFlags,
  env: Env,
  files: Pick<ConfigFiles, "text">,
): readonly WorkspaceEntry[] | null {
  if (workspacesFile !== undefined)
    return named(workspacesFile, () => parseWorkspaces(files.text(workspacesFile)));
  const list = env.MOLECULE_WORKSPACES;
  if (!list?.trim()) return null;
  return named("MOLECULE_WORKSPACES", () => parseWorkspaces(list));
}

/** Prefixes a problem with the name of the list. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

function single(flags: WorkspacesFlags, env: Env, problems: Problems): readonly WorkspaceConfig[] {
  const platformUrl = problems.attempt(() => sharedPlatform(flags, env), "");
  const id = problems.attempt(() => {
    const given = flags.workspaceId ?? env.WORKSPACE_ID;
    if (given?.trim()) return validateWorkspaceId(given);
    throw new Error("WORKSPACE_ID is not set; set it or give --workspace-id, like agent-7.");
  }, "");
  return [{ id, platformUrl, ownPlatform: false, isListed: false }];
}

function fleet(list: readonly WorkspaceEntry[], flags: WorkspacesFlags, env: Env, problems: Problems) {
  const { workspaceId } = flags;
  const chosen = workspaceId === undefined ? list : list.filter(({ id }) => id === workspaceId.trim());
  if (chosen.length === 0 && workspaceId !== undefined) {
    problems.attempt(() => {
      throw new Error("--workspace-id is none of the list's.");
    }, null);
  }
  const needShared = chosen.some(({ platformUrl }) => platformUrl === undefined);
  const shared = needShared ? problems.attempt(() => sharedPlatform(flags, env), "") : "";
  return chosen.map(({ id, token, platformUrl }): WorkspaceConfig => {
    const entry = {
      id,
      platformUrl: platformUrl ?? shared,
      ownPlatform: platformUrl !== undefined,
      isListed: true,
    };
    return token === undefined ? entry : { ...entry, token };
  });
}

function sharedPlatform(flags: WorkspacesFlags, env: Env): string {
  const url = (flags.platformUrl ?? env.PLATFORM_URL)?.trim();
  if (!url)
    throw new Error("PLATFORM_URL is not set; set it or give --platform-url, like https://platform.example.");
  platformOrigin(url, flags.platformUrl === undefined ? "PLATFORM_URL" : "--platform-url");
  return url;
}
