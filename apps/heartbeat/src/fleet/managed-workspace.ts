import type { Auth } from "@x/auth-core";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { WorkspaceRef } from "../storage/workspace-store.ts";
import { WorkspaceAgent } from "../workspace/agent.ts";
import type { WorkspaceAgentOptions } from "../workspace/agent-options.ts";
import type { ListToken, ListTokenPlatforms } from "./list-token.ts";
import { type AuthEnvironment, listTokenOf, openAuth, refOf } from "./workspace-auth.ts";

/** A workspace of the fleet: its entry in the configuration, its tokens, and the agent that keeps it alive. */
export class ManagedWorkspace {
  config: WorkspaceConfig;
  readonly ref: WorkspaceRef;
  readonly auth: Auth;
  readonly #listToken: ListToken;
  /** `null` before it starts. */
  agent: WorkspaceAgent | null = null;
  isEnded = false;
  /** Where the store reports that another process has changed the token; `null` before the workspace starts. */
  #unwatch: (() => void) | null = null;

  constructor(config: WorkspaceConfig, environment: AuthEnvironment, platforms: ListTokenPlatforms) {
    this.config = config;
    this.ref = refOf(config);
    this.#listToken = listTokenOf(config, platforms);
    this.auth = openAuth(config, environment, this.#listToken);
  }

  start(options: Omit<WorkspaceAgentOptions, "ref" | "auth">): WorkspaceAgent {
    this.agent = new WorkspaceAgent({ ...options, ref: this.ref, auth: this.auth });
    this.#unwatch = this.auth.watch();
    return this.agent;
  }

  /** Nothing is in flight for it. */
  close(): void {
    this.#unwatch?.();
  }

  /** A changed token in the list replaces the one in use. */
  async rotate(config: WorkspaceConfig): Promise<void> {
    const replaced = await this.auth.getToken();
    this.config = config;
    this.#listToken.token = config.token;
    if (replaced !== null && replaced !== config.token) this.auth.rejectToken(replaced);
    // Not read now: the disk of one workspace must not delay the others.
    this.auth.clearCache();
  }
}
