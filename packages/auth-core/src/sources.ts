import { bounded } from "./bounded.ts";
import { asAuthError } from "./errors.ts";
import type { Env } from "./headers.ts";
import type { Candidate } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import type { AccessOptions, TokenSource } from "./storage.ts";
import { checkToken, cleanText } from "./token.ts";

/** What a source held when it was read. */
export interface Asked extends Candidate {
  readonly source: "storage" | "fallback";
  /** The exact text; `null` if there is none, or it cannot be read. */
  readonly text: string | null;
}

/** Reads a source for a platform. One that times out, or holds something that is not a token, counts as failed. */
export async function ask(
  source: Asked["source"],
  from: TokenSource,
  origin: string | null,
  ms: number,
): Promise<Asked> {
  const { location } = from;
  let text: string | null = null;
  try {
    text = await bounded((signal) => from.read(accessOf(signal, origin)), ms);
    const token = cleanText(text);
    return { source, location, text, token: token && checkToken(token) };
  } catch (failure) {
    const error = asAuthError(failure, "STORAGE_READ_FAILED", `${location} cannot be read`);
    return { source, location, text, token: null, error };
  }
}

export const accessOf = (signal: Signal, platformOrigin: string | null): AccessOptions => ({
  signal,
  ...(platformOrigin && { platformOrigin }),
});

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
