import type { Env } from "./headers.ts";
import type { TokenSource } from "./storage.ts";

class EnvTokenSource implements TokenSource {
  readonly location: string;
  readonly #env: Env;

  constructor(env: Env, name: string) {
    this.location = name;
    this.#env = env;
  }

  read(): string | null {
    return Object.hasOwn(this.#env, this.location) ? (this.#env[this.location] ?? null) : null;
  }
}

/**
 * A token source that reads an environment variable live.
 *
 * @param name the environment variable; by default `MOLECULE_WORKSPACE_TOKEN`
 * @example
 * createAuth({ storage, fallback: [envTokenSource(process.env), envTokenSource(process.env, "AGENT_TOKEN")] });
 */
export function envTokenSource(env: Env, name: string = "MOLECULE_WORKSPACE_TOKEN"): TokenSource {
  return new EnvTokenSource(env, name);
}

/** True for a source that is free to read, so that it can be compared with the others every time. */
export const isInstant = (source: TokenSource): boolean => source instanceof EnvTokenSource;
