import {
  type Auth,
  type AuthEvent,
  type Env,
  envTokenSource,
  platformOrigin,
  type TokenSource,
  WorkspaceAuth,
} from "@x/auth-core";
import { tokenFileSource } from "@x/auth-node";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import { ListToken, type ListTokenPlatforms } from "./list-token.ts";

/** The part of the fleet's options that a workspace's `Auth` is built from. */
export interface AuthEnvironment {
  readonly store: WorkspaceStore;
  readonly env: Env;
  readonly onAuthEvent: (workspaceId: string, event: AuthEvent) => void;
  /** Called with each token that is read from a file beside the store's. @default nothing */
  readonly onSecret?: OnSecret;
}

type OnSecret = (workspaceId: string, text: string) => void;

export const listTokenOf = (config: WorkspaceConfig, platforms?: ListTokenPlatforms): ListToken =>
  new ListToken({
    token: config.token,
    origin: platformOrigin(config.platformUrl),
    ...(platforms !== undefined && { platforms }),
  });

export const refOf = ({ id, platformUrl }: Pick<WorkspaceConfig, "id" | "platformUrl">): WorkspaceRef => ({
  platformOrigin: platformOrigin(platformUrl),
  workspaceId: id,
});

/** The source of a token that is not stored: the list, or for a single workspace the environment. */
export function fallbacksOf(
  config: WorkspaceConfig,
  { env, onSecret = () => {} }: Pick<AuthEnvironment, "env" | "onSecret">,
  listToken: TokenSource = listTokenOf(config),
): readonly TokenSource[] {
  if (config.isListed) return [listToken];
  const path = env.MOLECULE_WORKSPACE_TOKEN_FILE?.trim();
  if (!path) return [envTokenSource(env)];
  const { location, read } = tokenFileSource(path, { workspaceId: config.id });
  const file: TokenSource = {
    location,
    async read(options) {
      const token = await read(options);
      if (token !== null) onSecret(config.id, token);
      return token;
    },
  };
  return [envTokenSource(env), file];
}

const NO_ENV: Env = {};

/** The `Auth` of a workspace, whose token is kept in the store. */
export function openAuth(
  config: WorkspaceConfig,
  { store, env, onAuthEvent, onSecret }: AuthEnvironment,
  listToken: TokenSource = listTokenOf(config),
): Auth {
  const { id, platformUrl, ownPlatform } = config;
  return new WorkspaceAuth({
    storage: store.token(refOf(config)),
    platformUrl,
    // The tenant of the shared platform does not apply to a workspace with its own.
    env: ownPlatform ? NO_ENV : env,
    fallback: fallbacksOf(config, { env, ...(onSecret !== undefined && { onSecret }) }, listToken),
    onEvent: (event) => onAuthEvent(id, event),
  });
}
