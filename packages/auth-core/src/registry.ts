import { type Platform, parsePlatformUrl } from "./platform-url.ts";
import { checkToken, cleanText } from "./token.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

export interface RegisteredWorkspace {
  readonly id: string;
  readonly token: string;
  /** The workspace's own platform; `null`: the configured one. */
  readonly platform: Platform | null;
  /** Origin of the platform that the token was first used for; `null`: unused. */
  audience: string | null;
}

/** Tokens by workspace, in order of registration. */
export class Registry {
  #workspaces: Map<string, RegisteredWorkspace> | null = null;

  /** Adds or replaces an entry. Returns the previous one if its token was different. */
  register(rawId: string, rawToken: string, platformUrl?: string): RegisteredWorkspace | undefined {
    if (!cleanText(rawId) || !cleanText(rawToken)) return undefined;
    const id = validateWorkspaceId(rawId);
    const token = checkToken(rawToken);
    const known = this.get(id);
    const same = known?.token === token;
    const url = cleanText(platformUrl);
    const platform = url ? parsePlatformUrl(url, `The platform URL of ${id}`) : (known?.platform ?? null);
    this.#workspaces ??= new Map();
    this.#workspaces.set(id, { id, token, platform, audience: same ? known.audience : null });
    return same ? undefined : known;
  }

  /** Looks up an exact id: what was registered as `" a "` is found as `"a"`. */
  get(id: string): RegisteredWorkspace | undefined {
    return this.#workspaces?.get(id);
  }

  ids(): string[] {
    return [...(this.#workspaces?.keys() ?? [])];
  }

  clear(): void {
    this.#workspaces = null;
  }
}
