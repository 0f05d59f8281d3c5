import { type Env, platformOrigin, validateWorkspaceId, type WorkspaceEntry } from "@x/auth-core";
import { readProxies } from "../transport/proxies.ts";
import type { ConfigFiles } from "./config-files.ts";
import { Problems } from "./problems.ts";
import { IN_OUR_NOTATION, isInOtherNotation } from "./uuid-notation.ts";
import { type List, parseList } from "./workspace-list.ts";

/** Flags that name workspaces, as the command line gives them; each takes precedence over its environment variable. */
export interface WorkspacesFlags {
  readonly platformUrl?: string;
  readonly workspaceId?: string;
  readonly workspacesFile?: string;
  readonly workspaceUrl?: string;
}

/** A workspace to keep alive. */
export interface WorkspaceConfig {
  readonly id: string;
  readonly platformUrl: string;
  /** True when it names its own platform: the tenant from the environment does not apply there. */
  readonly ownPlatform: boolean;
  /** True for a workspace of a list; otherwise the token of the environment belongs to it. */
  readonly isListed: boolean;
  /** From the list. The workspace's stored token takes precedence, until it is rejected. */
  readonly token?: string;
  /**
   * The URL at which the platform calls it, which makes it a push workspace. @default none: its mode does not change
   */
  readonly url?: string;
}

type ListedToken = Required<Pick<WorkspaceEntry, "id" | "token">>;

export interface Workspaces {
  readonly workspaces: readonly WorkspaceConfig[];
  /** True when they come from a list: then each keeps its token in its own directory. */
  readonly isFleet: boolean;
  /** The tokens of the whole list, including workspaces that were not chosen: none of them is printed. */
  readonly listTokens: readonly ListedToken[];
  /** Warnings about ignored keys, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * The workspaces of `--workspaces-file`, else of `MOLECULE_WORKSPACES`; without a list, the one of `WORKSPACE_ID`.
 *
 * @throws ConfigError with all problems at once
 */
export function readWorkspaces(
  flags: WorkspacesFlags,
  env: Env,
  files: Pick<ConfigFiles, "text">,
): Workspaces {
  const problems = new Problems();
  const list = problems.attempt(() => readList(flags, env, files), EMPTY);
  const workspaces = list === null ? single(flags, env, problems) : fleet(list.entries, flags, env, problems);
  const callback = problems.attempt(() => pushUrl(flags, workspaces.length), undefined);
  const proxies = readProxies(env);
  for (const url of new Set(workspaces.map(({ platformUrl }) => platformUrl))) {
    if (url !== "") problems.attempt(() => proxies.routeTo(url), null);
  }
  problems.throwIfAny();
  return {
    workspaces:
      callback === undefined ? workspaces : workspaces.map((workspace) => ({ ...workspace, url: callback })),
    isFleet: list !== null,
    listTokens: (list?.entries ?? []).flatMap(({ id, token }) => (token === undefined ? [] : { id, token })),
    warnings: list?.warnings ?? [],
  };
}

/** The platform calls one workspace at that URL. */
function pushUrl({ workspaceUrl }: WorkspacesFlags, count: number): string | undefined {
  const url = workspaceUrl?.trim();
  if (url === undefined) return undefined;
  const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isHttp)
    throw new Error("--workspace-url must be an http or https URL, like https://agent.example/a2a.");
  if (count > 1) throw new Error("--workspace-url is for one workspace: say which one with --workspace-id.");
  return url;
}

/** Placeholder for a list that could not be read. */
const EMPTY: List = { entries: [], warnings: [] };

function readList(
  { workspacesFile }: WorkspacesFlags,
  env: Env,
  files: Pick<ConfigFiles, "text">,
): List | null {
  if (workspacesFile !== undefined) return parseList(workspacesFile, () => files.text(workspacesFile));
  const list = env.MOLECULE_WORKSPACES?.trim();
  if (!list) return null;
  if (/^[@~./]|\.json$/.test(list))
    throw new Error("MOLECULE_WORKSPACES takes the list itself; give its path with --workspaces-file.");
  return parseList("MOLECULE_WORKSPACES", () => list);
}

function single(flags: WorkspacesFlags, env: Env, problems: Problems): readonly WorkspaceConfig[] {
  const platformUrl = problems.attempt(() => sharedPlatform(flags, env), "");
  const id = problems.attempt(() => {
    const given = flags.workspaceId ?? env.WORKSPACE_ID;
    if (given?.trim())
      return singleId(given, flags.workspaceId === undefined ? "WORKSPACE_ID" : "--workspace-id");
    throw new Error("WORKSPACE_ID is not set; set it to the workspace's UUID, or give --workspace-id.");
  }, "");
  return [{ id, platformUrl, ownPlatform: false, isListed: false }];
}

function singleId(given: string, name: string): string {
  try {
    return validateWorkspaceId(given);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(isInOtherNotation(given) ? `${name}: ${why} ${IN_OUR_NOTATION}` : `${name}: ${why}`);
  }
}

function fleet(list: readonly WorkspaceEntry[], flags: WorkspacesFlags, env: Env, problems: Problems) {
  const { workspaceId } = flags;
  const chosen = workspaceId === undefined ? list : list.filter(({ id }) => id === workspaceId.trim());
  // An empty list means that it could not be read, which has been reported.
  if (chosen.length === 0 && list.length > 0) {
    problems.attempt(() => {
      throw new Error("--workspace-id is not in the list.");
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
