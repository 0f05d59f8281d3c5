import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Auth, type Env, platformOrigin, type TokenStorage } from "@x/auth-core";
import { fileTokenStorage } from "@x/auth-node";
import { childEnvironment } from "../config/child-environment.ts";
import { ConfigError } from "../config/problems.ts";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { LogRecord } from "../observability/log-message.ts";

export interface CommandResourcesOptions {
  readonly env: Env;
  readonly workspace: Pick<WorkspaceConfig, "id" | "platformUrl">;
  /** Also puts the token into the environment. */
  readonly tokenEnv: boolean;
  /** `undefined` once the workspace is gone. */
  readonly auth: () => Auth | undefined;
  readonly log: (message: LogRecord) => void;
}

/**
 * The environment variables with which a command finds its workspace: the path of the token's file, and the socket that
 * signs requests.
 */
export class CommandResources {
  readonly #options: CommandResourcesOptions;
  #known: Auth | undefined;
  #directory = "";
  #socket = "";
  /** A token without a file (from an environment variable or a database) gets one here. */
  #copy: TokenStorage | null = null;
  /** Settles when the copy is up to date. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: CommandResourcesOptions) {
    this.#options = options;
  }

  /**
   * Creates a directory that only this user can enter.
   *
   * @param socket the proxy's; `null` for one in that directory
   * @returns the path of the proxy's socket
   * @throws ConfigError when no directory can be created for it
   */
  async open(socket: string | null): Promise<string> {
    this.#directory = await createDirectory(this.#options.env);
    this.#socket = socket ?? join(this.#directory, "platform.sock");
    return this.#socket;
  }

  /** Removes it and the copy of a token in it. */
  async close(): Promise<void> {
    this.#copy = null;
    // A later write would create the directory again.
    await this.#written;
    if (this.#directory !== "") await rm(this.#directory, { recursive: true, force: true });
  }

  /** Called when a different token is in use. */
  tokenChanged(): void {
    if (this.#copy !== null) void this.#write(this.#copy);
  }

  /** Never rejects: without a token file the command still has the socket. */
  async environment(): Promise<Record<string, string>> {
    const { env, workspace, tokenEnv } = this.#options;
    const token = tokenEnv ? await this.#token() : null;
    const file = await this.#tokenFile().catch(() => null);
    return {
      ...childEnvironment(env),
      PLATFORM_URL: workspace.platformUrl,
      WORKSPACE_ID: workspace.id,
      HEARTBEAT_PROXY_SOCKET: this.#socket,
      ...(file !== null && { CONFIGS_DIR: dirname(file), MOLECULE_WORKSPACE_TOKEN_FILE: file }),
      ...(token !== null && { MOLECULE_WORKSPACE_TOKEN: token }),
    };
  }

  /**
   * The command stays at the platform that it was started for, as the socket does. If the list moves the workspace, the
   * new platform's token must not get to the old one.
   */
  #auth(): Auth | undefined {
    const { auth, workspace } = this.#options;
    const now = auth();
    if (now?.platformOrigin() === platformOrigin(workspace.platformUrl)) this.#known = now;
    return this.#known;
  }

  async #token(): Promise<string | null> {
    return (
      (await this.#auth()
        ?.getToken()
        .catch(() => null)) ?? null
    );
  }

  /** The file that stores it, which a rotation also updates; otherwise a copy. */
  async #tokenFile(): Promise<string | null> {
    const { sources } = (await this.#auth()?.explain()) ?? { sources: [] };
    const stored = sources.find(({ source, sameAsUsed }) => source === "storage" && sameAsUsed === true);
    if (stored !== undefined && isAbsolute(stored.location)) return stored.location;
    this.#copy ??= fileTokenStorage({
      configsDir: this.#directory,
      platformUrl: this.#options.workspace.platformUrl,
      env: {},
    });
    await this.#write(this.#copy);
    return this.#copy.location;
  }

  #write(copy: TokenStorage): Promise<void> {
    this.#written = this.#written.then(() => this.#update(copy));
    return this.#written;
  }

  async #update(copy: TokenStorage): Promise<void> {
    const token = await this.#token();
    if (token === null || this.#copy !== copy) return;
    try {
      await copy.write(token);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log({
        level: "warn",
        code: "TOKEN_COPY_FAILED",
        text: `the command's token file: ${why}`,
      });
    }
  }
}

async function createDirectory(env: Env): Promise<string> {
  const runtime = env.XDG_RUNTIME_DIR?.trim() ?? "";
  if (isAbsolute(runtime)) {
    try {
      return await mkdtemp(join(runtime, "heartbeat-"));
    } catch {
      // After `su` or `sudo`, the variable may name another user's directory, or one that does not exist.
    }
  }
  const below = resolve(tmpdir());
  return mkdtemp(join(below, "heartbeat-")).catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError([
      `The command's socket needs a directory, and none can be created in ${below} (${code}); set TMPDIR to one that this user can write to.`,
    ]);
  });
}
