import { platformOrigin } from "./platform-url.ts";
import { checkToken, cleanText } from "./token.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

export interface RegisteredWorkspace {
  readonly id: string;
  readonly token: string;
  /** Origin of the workspace's own platform; `null`: that of `PLATFORM_URL`. */
  readonly origin: string | null;
}

/** Tokens by workspace, in order of registration. */
export interface Registry {
  /** Adds or replaces. Returns what it was before if it had another token then. */
  register(id: string, token: string, platformUrl?: string): RegisteredWorkspace | undefined;
  /** By exact id: what was registered under `" a "` is found under `"a"`. */
  get(id: string): RegisteredWorkspace | undefined;
  ids(): string[];
  clear(): void;
}

export function createRegistry(): Registry {
  const workspaces = new Map<string, RegisteredWorkspace>();
  return {
    register(rawId, rawToken, platformUrl) {
      if (!cleanText(rawId) || !cleanText(rawToken)) return undefined;
      const id = validateWorkspaceId(rawId);
      const token = checkToken(rawToken);
      const known = workspaces.get(id);
      const url = cleanText(platformUrl);
      const origin = url ? platformOrigin(url, `The platform URL of ${id}`) : (known?.origin ?? null);
      workspaces.set(id, { id, token, origin });
      return known?.token === token ? undefined : known;
    },
    get: (id) => workspaces.get(id),
    ids: () => [...workspaces.keys()],
    clear: () => workspaces.clear(),
  };
}
