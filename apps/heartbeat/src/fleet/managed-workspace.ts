import {
  type Auth,
  type AuthEvent,
  createAuth,
  type Env,
  envTokenSource,
  platformOrigin,
  type TokenSource,
} from "@x/auth-core";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import { WorkspaceAgent } from "../workspace/agent.ts";
import type { WorkspaceAgentOptions } from "../workspace/agent-options.ts";
import { ListToken, type ListTokenPlatforms } from "./list-token.ts";

/** The part of the fleet's options that a workspace's `Auth` is made of. */
export interface AuthEnvironment {
  readonly store: WorkspaceStore;
  readonly env: Env;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent) => void;
}

const listTokenOf = (config: WorkspaceConfig, platforms?: ListTokenPlatforms): ListToken =>
  new ListToken({
    token: config.token,
    origin: platformOrigin(config.platformUrl),
    ...(platforms !== undefined && { platforms }),
  });

/** A workspace of the fleet: its entry in the configuration, its tokens, and the agent that keeps it alive. */
export class ManagedWorkspace {
  config: WorkspaceConfig;
  readonly ref: WorkspaceRef;
  readonly #auth: Auth;
  readonly #listToken: ListToken;
  /** `null` before it starts. */
  agent: WorkspaceAgent | null = null;
  isEnded = false;

  constructor(config: WorkspaceConfig, environment: AuthEnvironment, platforms: ListTokenPlatforms) {
    this.config = config;
    this.ref = refOf(config);
    this.#listToken = listTokenOf(config, platforms);
    this.#auth = openAuth(config, environment, this.#listToken);
  }

  start(options: Omit<WorkspaceAgentOptions, "ref" | "auth">): WorkspaceAgent {
    this.agent = new WorkspaceAgent({ ...options, ref: this.ref, auth: this.#auth });
    return this.agent;
  }

  /** A changed token in the list replaces the one in use. */
  async rotate(config: WorkspaceConfig): Promise<void> {
    const replaced = await this.#auth.getToken();
    this.config = config;
    this.#listToken.token = config.token;
    if (replaced !== null && replaced !== config.token) this.#auth.rejectToken(replaced);
    await this.#auth.refreshCache();
  }
}

export const refOf = ({ id, platformUrl }: Pick<WorkspaceConfig, "id" | "platformUrl">): WorkspaceRef => ({
  platformOrigin: platformOrigin(platformUrl),
  workspaceId: id,
});

/** Where a token comes from that is not stored. */
export const fallbackOf = (
  config: WorkspaceConfig,
  env: Env,
  listToken: TokenSource = listTokenOf(config),
): TokenSource => (config.isListed ? listToken : envTokenSource(env));

/** A token that is not in the store comes from the list, or for a single workspace from the environment. */
export function openAuth(
  config: WorkspaceConfig,
  { store, env, onAuthEvent }: AuthEnvironment,
  listToken: TokenSource = listTokenOf(config),
): Auth {
  const { id, platformUrl, ownPlatform } = config;
  return createAuth({
    storage: store.token(refOf(config)),
    platformUrl,
    // The tenant of the shared platform means nothing to a workspace with its own.
    env: ownPlatform ? {} : env,
    fallback: [fallbackOf(config, env, listToken)],
    onEvent: (event) => onAuthEvent(id, event),
  });
}
